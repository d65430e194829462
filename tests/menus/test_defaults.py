"""A loader's own default: what is written, and that its menu then starts that entry."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound, UsageError
from kxsh.machine.fake import MemoryRoot
from kxsh.machine.protocol import Root
from kxsh.menus import bls, grub2, grub_legacy, syslinux
from kxsh.menus.defaults import with_default

LABELS = "LABEL a\nKERNEL /k\nLABEL b\nKERNEL /k\n"
ENTRIES = {f"/loader/entries/{name}.conf": "linux /k\n" for name in ("a", "b", "x[1]*", "x1b")}


def changed(text: str, entry: str, path: str = "/syslinux.cfg", **others: str) -> str:
    root: Root = MemoryRoot({path: text, "/k": "", **others})
    target, data = with_default(root, path, entry, once=False)
    assert target == path
    after = MemoryRoot({path: data, "/k": "", **others})
    menu = bls.read(after, path) if "loader" in path else syslinux.read(after, path)
    assert menu.default == entry
    return data.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DEFAULT a\n" + LABELS, "DEFAULT b\n" + LABELS),
        (LABELS, "DEFAULT b\n" + LABELS),
        ("PROMPT 1\r\n default  a\r\n" + LABELS, "PROMPT 1\r\nDEFAULT b\r\n" + LABELS),
        ("DEFAULT a\nDEFAULT a\n" + LABELS, "DEFAULT a\nDEFAULT b\n" + LABELS),
        ("DEFAULT vesamenu.c32\n" + LABELS, "UI vesamenu.c32\nDEFAULT b\n" + LABELS),
        ("DEFAULT menu.c32 x\nUI menu.c32\n" + LABELS, "DEFAULT b\nUI menu.c32\n" + LABELS),
    ],
)
def test_syslinux(text: str, expected: str) -> None:
    assert changed(text, "b") == expected


def test_a_menu_default_is_overridden_as_the_loader_does() -> None:
    text = "UI menu.c32\n" + LABELS.replace("LABEL a", "LABEL a\nMENU DEFAULT")
    assert changed(text, "b").startswith("DEFAULT b\nUI menu.c32\n")


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("timeout 3\ndefault a*\n", "b.conf", "timeout 3\ndefault b.conf\n"),
        ("timeout 3", "b.conf", "timeout 3\ndefault b.conf\n"),
        ("", "b.conf", "default b.conf\n"),
        ("default a\r\ntimeout 1\r\n", "b.conf", "default b.conf\r\ntimeout 1\r\n"),
        ("# default c\ndefault a\ndefault a", "b.conf", "# default c\ndefault a\ndefault b.conf"),
        ("", "x[1]*.conf", "default x\\[1]\\*.conf\n"),
    ],
)  # fmt: skip
def test_loader_conf(text: str, entry: str, expected: str) -> None:
    assert changed(text, entry, "/loader/loader.conf", **ENTRIES) == expected


def refusal(text: str, entry: str, path: str, once: bool = False, **others: str) -> Failure:
    with pytest.raises((Failure, UsageError)) as caught:
        with_default(MemoryRoot({path: text, "/k": "", **others}), path, entry, once=once)
    return caught.value  # type: ignore[return-value]


def test_a_change_that_would_not_work_is_not_made() -> None:
    text = "DEFAULT a\nPROMPT 1\nTIMEOUT 30\nONTIMEOUT a\n" + LABELS
    failure = refusal(text, "b", "/syslinux.cfg")
    assert isinstance(failure, FormatFailure) and "nevertheless" in failure.message


def test_what_cannot_be_set() -> None:
    failure = refusal(LABELS, "bb", "/syslinux.cfg")
    assert isinstance(failure, NotFound) and failure.hint == "did you mean b?"
    assert "for one start" in refusal(LABELS, "b", "/isolinux.cfg", once=True).message
    failure = refusal("", "a.conf", "/loader/loader.conf", once=True, **ENTRIES)
    assert "in the firmware" in failure.message
    assert "no way is known" in refusal("", "b", "/lilo.conf").message
    with pytest.raises(NotFound):
        with_default(MemoryRoot({}), "/loader/loader.conf", "a", once=False)


# -- GRUB 2

# As Debian's grub-mkconfig writes it with GRUB_DEFAULT=saved.
GRUB_CFG = """\
if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="${saved_entry}"
fi
menuentry 'Debian' --id simple { linux /k }
submenu 'Advanced options' --id advanced {
  menuentry 'Debian 6.1' --id old { linux /k }
}
"""


@pytest.fixture
def grubenv(tmp_path: Path) -> Path:
    """An environment block made by GRUB's own tool."""
    path = tmp_path / "grubenv"
    subprocess.run(["grub-editenv", path, "create"], check=True)
    return path


def set_grub(grubenv: Path, entry: str, *, once: bool = False, cfg: str = GRUB_CFG) -> list[str]:
    """Set the default, and return what GRUB's own tool then lists."""
    files = {"/boot/grub/grub.cfg": cfg, "/boot/grub/grubenv": grubenv.read_bytes(), "/k": ""}
    path, data = with_default(MemoryRoot(files), "/boot/grub/grub.cfg", entry, once=once)
    assert (path, len(data)) == ("/boot/grub/grubenv", 1024)
    after = grub2.read(MemoryRoot({**files, path: data}), "/boot/grub/grub.cfg")
    assert after.default_entry is not None and entry in (after.default, after.default_entry.title)
    grubenv.write_bytes(data)
    listed = subprocess.run(
        ["grub-editenv", grubenv, "list"], check=True, capture_output=True, text=True
    )
    return listed.stdout.splitlines()


def test_grub_keeps_it_in_its_environment(grubenv: Path) -> None:
    assert set_grub(grubenv, "advanced>old") == ["saved_entry=advanced>old"]
    assert set_grub(grubenv, "simple", once=True) == [
        "saved_entry=advanced>old",
        "next_entry=simple",
    ]
    assert set_grub(grubenv, "simple") == ["saved_entry=simple"]
    assert set_grub(grubenv, "Debian 6.1") == ["saved_entry=advanced>old"]


def test_an_environment_block_never_grows(grubenv: Path) -> None:
    files = {"/boot/grub/grub.cfg": GRUB_CFG, "/k": ""}
    full = b"# GRUB Environment Block\nx=".ljust(1020, b"y") + b"\n###"
    with pytest.raises(IoFailure, match="must not grow"):
        with_default(
            MemoryRoot({**files, "/boot/grub/grubenv": full}), "/boot/grub/grub.cfg", "simple",
            once=False,
        )  # fmt: skip
    with pytest.raises(FormatFailure, match="not a GRUB environment block"):
        with_default(
            MemoryRoot({**files, "/boot/grub/grubenv": "x"}), "/boot/grub/grub.cfg", "simple",
            once=False,
        )  # fmt: skip
    with pytest.raises(NotFound, match="grubenv is not there") as caught:
        with_default(MemoryRoot(files), "/boot/grub/grub.cfg", "simple", once=False)
    assert "grub-editenv" in caught.value.hint


def test_a_grub_that_does_not_ask_its_environment(grubenv: Path) -> None:
    fixed = GRUB_CFG.replace('set default="${saved_entry}"', "set default=0")
    with pytest.raises(FormatFailure, match="nevertheless"):
        set_grub(grubenv, "advanced>old", cfg=fixed)
    assert set_grub(grubenv, "advanced>old", once=True, cfg=fixed) == ["next_entry=advanced>old"]


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("default 0\ntimeout 5\n", "menu.lst", "default 1\ntimeout 5\n"),
        ("default=0\r\n", "menu.lst", "default 1\r\n"),
        ("timeout 5\n", "menu.lst", "default 1\ntimeout 5\n"),
        ("default saved\n", "default", "1\n#\n#\n"),
    ],
)
def test_grub_legacy(text: str, target: str, expected: str) -> None:
    path = "/boot/grub/menu.lst"
    entries = "title A\nkernel /k a\ntitle B\nkernel /k b\ndefault 0\n"
    files = {path: text + entries, "/k": "", "/boot/grub/default": "0\n#\n#\n"}
    changed_path, data = with_default(MemoryRoot(files), path, "B", once=False)
    assert changed_path == f"/boot/grub/{target}"
    assert data.decode() == expected + (entries if target == "menu.lst" else "")
    after = MemoryRoot({**files, changed_path: data})
    assert grub_legacy.read(after, path).default == "1"
    with pytest.raises(UsageError):
        with_default(MemoryRoot(files), path, "B", once=True)
