"""The words before the boot sector's end: read, shown and set as rdev(8) did."""

from __future__ import annotations

import struct
from binascii import crc32
from io import BytesIO
from pathlib import Path

import pytest
from unit.kernels import bzimage, multiboot

from kxsh.boot import rdev
from kxsh.boot.kernel import inspect_kernel
from kxsh.boot.rdev import Defaults
from kxsh.boot.report import make_report
from kxsh.image import tools
from kxsh.image.cli import main


def with_checksum(data: bytes) -> bytes:
    """Return a kernel whose last word is its checksum, as kernels before 6.15 have it."""
    return data[:-4] + struct.pack("<I", crc32(data[:-4]) ^ 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("/dev/sda1", 0x0801),
        ("/dev/sdb", 0x0810),
        ("/dev/sdp15", 0x08FF),
        ("/dev/sdq1", 0x4101),
        ("/dev/sdaf", 0x41F0),
        ("/dev/hda1", 0x0301),
        ("/dev/hdb1", 0x0341),
        ("/dev/hdc", 0x1600),
        ("/dev/hdh2", 0x2242),
        ("/dev/ram0", 0x0100),
        ("/dev/fd0", 0x0200),
        ("/dev/md1", 0x0901),
        ("/dev/sr0", 0x0B00),
        ("/dev/nfs", 0x00FF),
    ],
)
def test_device_numbers_have_names(name: str, number: int) -> None:
    assert rdev.device_name(number) == f"{name} ({number >> 8}:{number & 255})"
    assert rdev.device_number(name) == number
    assert rdev.device_number(name.removeprefix("/dev/")) == number
    assert rdev.device_number(f"{number >> 8}:{number & 255}") == number
    assert rdev.device_number(hex(number)) == number


def test_numbers_without_a_name_stay_numbers() -> None:
    assert rdev.device_name(0xFD01) == "253:1"
    assert rdev.device_name(0x0381) == "3:129"
    for text in ("/dev/nothing", "256:1", "0x12345", "", "8:x"):
        with pytest.raises(ValueError, match="MAJOR:MINOR"):
            rdev.device_number(text)


def test_a_new_kernel_says_little() -> None:
    defaults = rdev.read_defaults(bzimage()[:0x300])
    assert defaults == Defaults(0, 0, 0, 0, None)
    assert rdev.read_defaults(multiboot()) is rdev.read_defaults(b"") is None


def test_words_are_set_and_shown() -> None:
    data = bzimage()
    settings = ["root=/dev/sda1", "ro", "vga=ask", "ramsize=0xc003"]
    old = rdev.read_defaults(data)
    assert old is not None
    new = rdev.with_settings(old, settings)
    changed = rdev.write_defaults(data, new)
    assert rdev.read_defaults(changed) == new == Defaults(0x0801, 1, 0xC003, 0xFFFD, None)
    assert dict(new.describe()) == {
        "root": "/dev/sda1 (8:1)",
        "rootflags": "ro (1)",
        "vidmode": "ask (-3)",
        "ramsize": "49155 (loaded from block 3, after a prompt)",
    }
    differing = {at for at in range(len(data)) if data[at] != changed[at]}
    assert differing <= {0x1F2, 0x1F8, 0x1F9, 0x1FA, 0x1FB, 0x1FC, 0x1FD}
    assert inspect_kernel(BytesIO(changed), len(changed)) == inspect_kernel(
        BytesIO(data), len(data)
    )


def test_the_swap_device_is_in_old_headers_only() -> None:
    old = rdev.read_defaults(bzimage(protocol=0x0203, payload=0x8000))
    assert old is not None and old.swap == 0
    new = rdev.with_settings(old, ["swap=/dev/hda2"])
    assert dict(new.describe())["swap"] == "/dev/hda2 (3:2)"
    changed = rdev.write_defaults(bzimage(protocol=0x0203), new)
    assert changed[0x1F6:0x1F8] == b"\x02\x03"
    with pytest.raises(ValueError, match=r"2\.04"):
        rdev.with_settings(Defaults(), ["swap=/dev/hda2"])


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("colour=red", "not a word of a kernel's header"),
        ("root", "needs a value"),
        ("vidmode=wide", "not a number"),
        ("ramsize=70000", "not a number"),
        ("rootflags=maybe", "not a number"),
    ],
)
def test_settings_that_make_no_sense(setting: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        rdev.with_settings(Defaults(), [setting])


def test_a_checksum_that_was_right_stays_right() -> None:
    data = with_checksum(bzimage())
    changed = rdev.write_defaults(data, Defaults(root=0x0801))
    assert changed[-4:] != data[-4:]
    assert crc32(changed) ^ 0xFFFFFFFF == 0, "the whole file's is zero"
    plain = bzimage()
    assert rdev.write_defaults(plain, Defaults(root=0x0801))[-4:] == plain[-4:]


def test_the_report_says_what_kexec_file_load_says() -> None:
    data = bzimage(protocol=0x020B)
    report = make_report(BytesIO(data), len(data))
    assert report.loading.endswith("boot protocol 2.11 is older than 2.12")
    assert report.as_map()["method"] == "tools"
    assert make_report(BytesIO(b"x" * 64), 64).loading.startswith("cannot be loaded")


# -- the command line


def test_kximage_kernel_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(bzimage())
    assert main(["kernel", str(kernel)]) == 0
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert (lines["version"], lines["protocol"]) == ("6.1.0-test", "2.15")
    assert (lines["relocatable"], lines["root"]) == ("yes", "none")
    assert lines["load"] == "kexec_file_load takes it"


def test_kximage_kernel_sets_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, copy = tmp_path / "vmlinuz", tmp_path / "copy"
    kernel.write_bytes(bzimage())
    words = ["kernel", str(kernel), "-o", str(copy), "--set", "root=/dev/hda1"]
    assert main(words) == 0
    assert "root         /dev/hda1 (3:1)" in capsys.readouterr().out
    assert kernel.read_bytes() == bzimage()
    assert copy.read_bytes()[0x1FC:0x1FE] == b"\x01\x03"
    assert main(words) == 1
    assert "is there already" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--set", "root=/dev/sda1"], "name the copy with -o"),
        (["-o", "{copy}", "--set", "root=nowhere"], "no device that a header can name"),
        (["-o", "{copy}", "--set", "colour=red"], "not a word of a kernel's header"),
    ],
)
def test_kximage_kernel_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], problem: str
) -> None:
    kernel, copy = tmp_path / "vmlinuz", tmp_path / "copy"
    kernel.write_bytes(bzimage())
    assert main(["kernel", str(kernel), *(word.format(copy=copy) for word in words)]) == 1
    assert problem in capsys.readouterr().err
    assert not copy.exists()


def test_kximage_kernel_refuses_what_is_no_kernel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text"
    text.write_text("hello\n" * 1000)
    assert main(["kernel", str(text)]) == 0
    assert "cannot be loaded: this is a text file" in capsys.readouterr().out
    assert main(["kernel", str(text), "-o", str(tmp_path / "c"), "--set", "ro"]) == 1
    assert "no x86 Linux kernel" in capsys.readouterr().err
    assert main(["kernel", str(tmp_path / "none")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_kximage_kernel_looks_into_an_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree, iso = tmp_path / "tree", tmp_path / "a.iso"
    (tree / "isolinux").mkdir(parents=True)
    (tree / "isolinux" / "linux").write_bytes(bzimage())
    tools.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", str(iso), str(tree)])
    for place in (f"{iso}:/isolinux/linux", f"{tree}:/isolinux/linux"):
        assert main(["kernel", place]) == 0
        assert "6.1.0-test" in capsys.readouterr().out
    assert main(["kernel", f"{iso}:/none"]) == 1
    assert "has no file /none" in capsys.readouterr().err


def test_debians_own_kernel() -> None:
    kernels = sorted(Path("/boot").glob("vmlinuz-*"))
    assert kernels, "install a kernel: linux-image-amd64"
    data = kernels[-1].read_bytes()
    defaults = rdev.read_defaults(data)
    assert defaults is not None and defaults.swap is None
    changed = rdev.write_defaults(data, rdev.with_settings(defaults, ["root=/dev/sda1"]))
    assert rdev.read_defaults(changed) is not None
    assert make_report(BytesIO(changed), len(changed)).loading == "kexec_file_load takes it"
    assert rdev.write_defaults(changed, defaults) == data
