"""What kernel and initrd files are: real ones of this system, and made ones."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels import bzimage, multiboot

from kxsh.boot.kernel import (
    InitrdFacts,
    KernelFacts,
    inspect_initrd,
    inspect_kernel,
    load_rules,
    tool_type,
)
from kxsh.errors import IoFailure

INSTALLER = Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64")
SYSLINUX = Path("/usr/lib/syslinux")


def kernel(data: bytes) -> KernelFacts:
    return inspect_kernel(io.BytesIO(data), len(data))


def initrd(data: bytes) -> InitrdFacts:
    return inspect_initrd(io.BytesIO(data), len(data))


def of_file(path: Path) -> KernelFacts:
    with path.open("rb") as stream:
        return inspect_kernel(stream, path.stat().st_size)


def test_debians_kernel() -> None:
    facts = of_file(INSTALLER / "linux")
    assert (facts.kind, facts.protocol_name, facts.is_64bit) == ("bzImage", "2.15", True)
    assert facts.version.endswith("-amd64") and facts.version[0].isdigit()
    assert facts.above_4g and facts.five_level and facts.relocatable
    assert facts.cmdline_size == 2047
    assert facts.init_size > facts.size
    assert load_rules(facts) == ("file", ())
    assert load_rules(facts, five_level=True) == ("file", ())
    assert tool_type(facts) == "bzImage64"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (INSTALLER / "initrd.gz", "kernel and initrd swapped"),
        (SYSLINUX / "modules/bios/menu.c32", ".c32"),
        (SYSLINUX / "memdisk", "MEMDISK needs the BIOS"),
        (Path("/usr/lib/ISOLINUX/isolinux.bin"), "not a kernel"),
        (Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub"), "an EFI program"),
        (Path("/bin/sh"), "an ELF program"),
        (Path("/etc/passwd"), "a text file"),
    ],
)
def test_what_is_no_kernel_is_named(path: Path, said: str) -> None:
    method, problems = load_rules(of_file(path))
    assert method is None
    assert said in problems[0]


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"", "empty", "empty"),
        (b"<html><body>404</body></html>", "text", "an HTML page"),
        ("ein Wörtchen\r\n".encode(), "text", "a text file"),
        (bytes(4096), "zeros", "zeros"),
        (b"070701" + b"0" * 2000, "cpio", "swapped"),
        (b"\x28\xb5\x2f\xfd" + bytes(99), "zstd", "swapped"),
        (lzma.compress(b"070701" + b"0" * 999), "xz", "swapped"),
        (b"hsqs" + bytes(99), "squashfs", "swapped"),
        (bytes(0x438) + b"\x53\xef" + bytes(99), "ext2", "swapped"),
        (bytes(0x8001) + b"CD001" + bytes(99), "iso9660", "an ISO image"),
        (b"\xb8\xfe\x4c\xcd\x21" + bytes(99), "com32", "COM32"),
        (b"\xeb\x3c" + bytes(508) + b"\x55\xaa", "boot-sector", "no HdrS"),
        (b"\x7fELF\x02\x01\x01" + b"\xff" * 99, "elf", "damaged"),
        (b"MZ" + bytes(0x36) + b"ARM\x64" + bytes(99), "arm64", "ARM64"),
        (b"MZ" + bytes(200), "dos", "DOS"),
        (bytes(range(256)) * 9, "unknown", "neither HdrS"),
    ],
)
def test_files_that_are_no_kernels(data: bytes, kind: str, said: str) -> None:
    facts = kernel(data)
    assert (facts.kind, load_rules(facts)[0]) == (kind, None)
    assert said in facts.wrong


def test_a_unified_kernel_image_is_told_from_another_efi_program() -> None:
    from kxsh.image import uki

    stub = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub").read_bytes()
    facts = kernel(uki.build(stub, {".linux": b"k" * 9, ".cmdline": b"quiet"}))
    assert facts.kind == "uki"
    assert load_rules(facts) == (
        None,
        ("a unified kernel image (UKI), which is taken apart first",),
    )


@pytest.mark.parametrize(
    ("header", "method", "rule", "kind"),
    [
        ({}, "file", "", "bzImage64"),
        ({"protocol": 0x020B}, "tools", "2.11 is older than 2.12", "bzImage"),
        ({"protocol": 0x0200}, "tools", "2.00 is older than 2.12", "bzImage"),
        ({"xloadflags": 0}, "tools", "32-bit", "bzImage"),
        ({"xloadflags": 1}, "tools", "above 4 GiB", "bzImage"),
        ({"loadflags": 0}, None, "zImage", ""),
        ({"version": b"MEMDISK 6.04"}, None, "MEMDISK", ""),
    ],
)
def test_the_rule_that_fails_is_named(
    header: dict[str, int], method: str | None, rule: str, kind: str
) -> None:
    facts = kernel(bzimage(**header))  # type: ignore[arg-type]
    way, problems = load_rules(facts)
    assert way == method
    assert rule in " ".join(problems)
    assert bool(rule) == bool(problems)
    assert not kind or tool_type(facts) == kind


def test_five_level_page_tables_need_a_kernel_that_knows_them() -> None:
    facts = kernel(bzimage(xloadflags=3))
    assert load_rules(facts) == ("file", ())
    assert "5-level" in load_rules(facts, five_level=True)[1][0]


@pytest.mark.parametrize("size", [0x206, 0x210, 0x264, 600, 1024, 2559, 2560, 60000])
def test_a_kernel_that_is_cut_off(size: int) -> None:
    facts = kernel(bzimage()[:size])
    assert load_rules(facts)[0] is None
    assert "cut off" in facts.wrong
    assert f"{size} bytes" in facts.wrong


def test_bytes_after_the_kernel_are_a_signature() -> None:
    assert load_rules(kernel(bzimage() + bytes(5000)))[0] == "file"


def test_an_old_header_has_no_new_fields() -> None:
    facts = kernel(bzimage(protocol=0x0203))
    assert (facts.cmdline_size, facts.init_size, facts.xloadflags) == (255, 0, 0)
    assert facts.memory >= facts.size
    assert not facts.relocatable


@pytest.mark.parametrize("version", [1, 2])
def test_multiboot(version: int) -> None:
    facts = kernel(multiboot(version))
    assert facts.multiboot == version
    assert load_rules(facts)[0] == "tools"
    assert tool_type(facts) == ("multiboot-x86" if version == 1 else "multiboot2-x86")


def test_multiboot_needs_a_true_checksum() -> None:
    data = bytearray(multiboot())
    data[72] ^= 1
    assert kernel(bytes(data)).multiboot == 0


def test_a_compressed_elf_kernel_goes_to_kexec_tools() -> None:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1)
    facts = kernel(gzip.compress(head + bytes(9999)))
    assert (facts.kind, facts.inner, load_rules(facts)[0]) == ("gzip", "elf", "tools")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"070701" + b"0" * 99, "cpio"),
        (b"070707" + b"0" * 99, "cpio-odc"),
        (b"070701" + b"0" * 104 + b"kernel/x86/microcode\0" + bytes(99), "early+cpio"),
        (gzip.compress(b"x"), "gzip"),
        (lzma.compress(b"x"), "xz"),
        (lzma.compress(b"x", lzma.FORMAT_ALONE), "lzma"),
        (b"\x02\x21\x4c\x18" + bytes(9), "lz4"),
        (b"BZh91AY", "bzip2"),
        (b"-rom1fs-" + bytes(9), "romfs"),
        (b"\x45\x3d\xcd\x28" + bytes(9), "cramfs"),
        (bytes(0x410) + b"\x8f\x13" + bytes(99), "minix"),
    ],
)
def test_initrds(data: bytes, kind: str) -> None:
    assert initrd(data) == InitrdFacts(kind, len(data))


@pytest.mark.parametrize(
    ("data", "said", "wrong"),
    [
        (b"", "empty", True),
        (bzimage(), "swapped", True),
        (b"hello\n", "a text file", True),
        (b"\x7fELF" + bytes(99), "a program", True),
        (bytes(0x8001) + b"CD001", "an ISO image", True),
        (bytes(range(1, 200)), "not a known", False),
        (bytes(600), "zeros", False),
    ],
)
def test_doubtful_initrds(data: bytes, said: str, wrong: bool) -> None:
    facts = initrd(data)
    assert said in facts.doubt
    assert facts.wrong is wrong


def test_an_input_error_is_a_failure() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(IoFailure, match="input/output error"):
        inspect_kernel(Broken(), 100)


SEEDS = [
    bzimage(),
    multiboot(),
    multiboot(2),
    Path("/bin/true").read_bytes()[:20000],
    Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub").read_bytes()[:5000],
    gzip.compress(b"\x7fELF" + bytes(999)),
]


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 255))))
def test_damaged_files_never_raise(seed: bytes, edits: list[tuple[int, int]]) -> None:
    data = bytearray(seed)
    for at, value in edits:
        data[at % len(data)] = value
    method, problems = load_rules(kernel(bytes(data)))
    assert method == "file" or problems
    initrd(bytes(data))
