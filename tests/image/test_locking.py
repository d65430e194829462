"""Locking a loader: `kximage password`, and --recovery and --password of loader and adapt."""

from __future__ import annotations

import hashlib
import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import adapt_images as images
import pytest

from kxsh.image import esp, uki
from kxsh.image.cli import main
from kxsh.image.tools import ImageError
from kxsh.machine import passwords
from kxsh.machine.partitions import read_table
from kxsh.options import LoaderOptions

Say = Callable[[], tuple[str, str]]
_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def unscrypt(made: str) -> tuple[bytes, bytes, int, int]:
    """Take a ``$7$`` hash apart as crypt_scrypt.c made it: hash, salt, N, r."""
    _, _, setting, wanted = made.split("$")
    cost = _ALPHABET.index(setting[0])
    r = sum(_ALPHABET.index(letter) << (6 * at) for at, letter in enumerate(setting[1:6]))
    bits = sum(_ALPHABET.index(letter) << (6 * at) for at, letter in enumerate(wanted))
    return bits.to_bytes(33, "little")[:32], setting[11:].encode(), 1 << cost, r


def test_the_hash_is_scrypts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("korrekt\n"))
    assert main(["password"]) == 0
    made = capsys.readouterr().out.strip()
    wanted, salt, cost, r = unscrypt(made)
    ours = hashlib.scrypt(b"korrekt", salt=salt, n=cost, r=r, p=1, maxmem=1 << 27, dklen=32)
    assert ours == wanted
    assert cost * r * 128 == 32 << 20  # bytes of memory for each try
    assert passwords.matches("korrekt", made)
    assert not passwords.matches("Korrekt", made)
    assert passwords.make("korrekt") != made


def test_two_lines_have_to_be_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("korrekt\nkorrekt\n"))
    assert main(["password"]) == 0
    assert passwords.matches("korrekt", capsys.readouterr().out.strip())
    for second in ("Korrekt\n", "\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO("korrekt\n" + second))
        assert main(["password"]) == 1
        printed = capsys.readouterr()
        assert "the two passwords are not the same" in printed.err
        assert printed.out == ""


@pytest.mark.parametrize("line", ["", "\n", "x" * 600 + "\n", "a\0b\n"])
def test_what_is_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    assert main(["password"]) == 1
    assert "one line of 1 to 512 bytes" in capsys.readouterr().err


def test_grubs_own_tool_makes_hashes_that_are_checked() -> None:
    done = subprocess.run(
        ["grub-mkpasswd-pbkdf2"],
        input="secret\nsecret\n",
        capture_output=True,
        text=True,
        check=True,
    )
    made = next(word for word in done.stdout.split() if word.startswith("grub.pbkdf2."))
    assert passwords.is_hash(made)
    assert passwords.matches("secret", made)
    assert not passwords.matches("secrets", made)


_ZEROS = "00" * 64


@pytest.mark.parametrize("secret", [
    "", "$", "$7$", "$9$x$y$z", "$7$CU..../....x", "x" * 5000, "$1$\u00fc$x$y",
    "grub.pbkdf2.sha512.10000.00", f"grub.pbkdf2.sha512.999999999.{_ZEROS}.{_ZEROS}",
    f"grub.pbkdf2.sha512.0..{_ZEROS}", f"grub.pbkdf2.sha512.1.zz.{_ZEROS}",
    "grub.pbkdf2.sha512.1.00.",
])  # fmt: skip
def test_what_cannot_be_checked_matches_nothing(secret: str) -> None:
    for password in ("", "x", "*0", "*1", "\udcff", "$7$", "a\0b"):
        assert not passwords.matches(password, secret)


def test_adapt_writes_the_lock_into_its_loader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = images.make_tree(tmp_path / "tree")
    image, out = tmp_path / "an.iso", tmp_path / "new.iso"
    images.make_iso(image, tree)
    loader = images.make_loader(tmp_path / "loader.efi")
    one, two = passwords.make("one"), passwords.make("two")
    words = ["--recovery", "password,10s", "--password", one, "--password", two, "--quiet"]
    assert main(["adapt", str(image), "-o", str(out), "--loader", str(loader), *words]) == 0
    with out.open("rb") as file:

        def read(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        start = max(one.start for one in read_table(read, out.stat().st_size).partitions)
    data = esp.read_file(str(out), start, esp.LOADER)
    lock = LoaderOptions(uki.read_cmdline(data)).lock
    assert (lock.mode, lock.delay, lock.hashes) == ("password", 10.0, (one, two))


@pytest.mark.parametrize(("words", "said"), [
    (["--recovery", "0"], "0 is not open, password or off"),
    (["--recovery", "off,soon"], "off,soon is not"),
    (["--recovery", "password"], "needs --password HASH"),
    (["--password", "secret"], "secret is not the hash of a password"),
    (["--recovery", "password", "--password", "$7$x"], "is not the hash"),
])  # fmt: skip
def test_mistakes_are_told_before_anything_is_built(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    for command in (
        ["loader", "-o", "/nowhere/x.efi"],
        ["adapt", "/nowhere/x", "-o", "/nowhere/y"],
    ):
        assert main([*command, *words]) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(("line", "mode", "hashes"), [
    ("console=ttyS0 -- x kxsh.recovery=off", "off", ()),
    ("kxsh.recovery=open -- kxsh.recovery=password kxsh.password=h", "password", ("h",)),
    ('console="tty0 kxsh.recovery=off', "off", ()),
    ('console="tty0 kxsh.recovery=password kxsh.password=h', "password", ("h",)),
    ('"kxsh.recovery=password" kxsh.password="h"', "password", ("h",)),
    ("kxsh.password=h", "password", ("h",)),
    ("x=kxsh.recovery=open", "off", ()),
    ("kxsh.recovery=open kxsh.password=h", "open", ("h",)),
    ("console=ttyS0 -- recovery=off", "open", ()),
])  # fmt: skip
def test_a_lock_counts_wherever_it_stands(line: str, mode: str, hashes: tuple[str, ...]) -> None:
    lock = LoaderOptions(line).lock
    assert (lock.mode, lock.hashes) == (mode, hashes)


def loader_with(tmp_path: Path, line: str) -> bytes:
    return images.make_loader(tmp_path / "loader.efi", cmdline=line).read_bytes()


def test_what_is_put_in_stands_before_the_words_for_init(tmp_path: Path) -> None:
    data = loader_with(tmp_path, "quiet -- x kxsh.id=0 kxsh.recovery=open")
    data = uki.with_words(data, ["kxsh.recovery=off", "kxsh.id=1"])
    assert uki.read_cmdline(data) == "quiet kxsh.recovery=off kxsh.id=1 -- x"


def test_a_quote_that_does_not_end_takes_nothing_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = loader_with(tmp_path, 'x="a b')
    with pytest.raises(ImageError, match="a quote does not end on the loader's command line"):
        uki.with_option(data, "kxsh.id", "1")
    assert main(["loader", "-o", "/nowhere/x.efi", "--cmdline", 'x="a b']) == 1
    assert "a quote does not end on the loader's command line: " in capsys.readouterr().err


def test_the_lock_of_a_new_loader_stands_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []

    def build(kernel: object, *, cmdline: str, **_: object) -> NoReturn:
        lines.append(cmdline)
        raise ImageError("enough")

    monkeypatch.setattr("kxsh.image.loader.build", build)
    words = ["--cmdline", "debug -- x", "--recovery", "off"]
    assert main(["loader", "-o", str(tmp_path / "x.efi"), *words]) == 1
    assert lines[0].endswith(" debug kxsh.recovery=off -- x")
