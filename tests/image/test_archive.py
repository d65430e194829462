"""Looking into initramfs archives: formats, layers, and what only pretends to be one."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import subprocess
from pathlib import Path

import pytest

from kxsh.errors import Failure, FormatFailure
from kxsh.image import archive, cpio
from kxsh.image.kernel_text import framebuffer_drivers


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, machine) + bytes(44)


PLAIN = cpio.pack(
    [
        cpio.file("init", b"#!/bin/sh\n", executable=True),
        cpio.file("bin/busybox", elf(62), executable=True),
        cpio.symlink("bin/ls", "busybox"),
        cpio.file("usr/lib/modules/6.1.0-9/kernel/nvme-core.ko.zst", b""),
    ]
)
EARLY = cpio.pack([cpio.file("kernel/x86/microcode/GenuineIntel.bin", b"microcode")])


def names(data: bytes) -> list[str]:
    return [member.name for member in archive.members(data) if not member.name.endswith("/")]


def packed(program: str, data: bytes) -> bytes:
    done = subprocess.run([program, "-cq"], input=data, capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        gzip.compress(PLAIN),
        lzma.compress(PLAIN, lzma.FORMAT_XZ, check=lzma.CHECK_CRC32),
        lzma.compress(PLAIN, lzma.FORMAT_ALONE),
        bz2.compress(PLAIN),
        packed("zstd", PLAIN),
        EARLY + PLAIN,
        EARLY + bytes(4096) + gzip.compress(PLAIN),
        EARLY + packed("zstd", PLAIN),
        gzip.compress(EARLY) + gzip.compress(PLAIN),
        gzip.compress(EARLY) + bytes(512) + PLAIN,
    ],
)
def test_every_way_to_pack_it(data: bytes) -> None:
    found = list(archive.members(data))
    assert "bin/busybox" in [member.name for member in found]
    assert archive.machine_of(found) == "x86-64"
    assert archive.releases_of(found) == {"6.1.0-9"}
    assert archive.modules_of(found) == {"nvme_core"}
    assert {"busybox", "ls", "/bin/ls", "/init"} <= archive.programs_of(found)


def test_machines() -> None:
    def machine(*numbers: int) -> str:
        files = [cpio.file(f"bin/p{n}", elf(n)) for n in numbers]
        return archive.machine_of(archive.members(cpio.pack(files)))

    assert machine(183) == "aarch64"
    assert machine(3) == "i386"
    assert machine(62, 3) == ""  # of both
    assert machine(9999) == "machine 9999"
    assert archive.machine_of(archive.members(EARLY)) == ""


BOMB = gzip.compress(gzip.compress(gzip.compress(gzip.compress(bytes(1 << 20)))))


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        PLAIN[:300],
        gzip.compress(PLAIN)[:200],
        b"070701" + b"-0000001" * 13 + PLAIN,
        b"070701" + b"ffffffff" * 13 + bytes(100),
        b"070701" + b"zzzzzzzz" * 13,
        b"\x1f\x8b" + bytes(100),
        b"\xfd7zXZ\0" + bytes(100),
        b"\x28\xb5\x2f\xfd" + b"\xff" * 100,
        b"BZh" + bytes(100),
        b"\x89LZO\0\r\n\x1a\n" + bytes(100),
        BOMB,
    ],
)
def test_what_is_none_or_damaged_is_a_failure(data: bytes) -> None:
    with pytest.raises(Failure):
        list(archive.members(data))


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_UNPACKED", 1 << 20)
    for data in (gzip.compress(bytes(4 << 20)), packed("zstd", bytes(4 << 20))):
        with pytest.raises(FormatFailure):
            list(archive.members(data))
    many = cpio.pack([cpio.file(f"f{number}", b"") for number in range(50)])
    monkeypatch.setattr(archive, "_MEMBERS", 40)
    with pytest.raises(FormatFailure, match="more than 40 files"):
        list(archive.members(many))


def bzimage(text: bytes, protocol: int = 0x020C) -> bytes:
    """A bzImage whose payload is this text, compressed."""
    payload = gzip.compress(text)
    head = bytearray(5 * 512)
    head[0x1F1] = 4
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x206, protocol)
    struct.pack_into("<II", head, 0x248, 16, len(payload))
    return bytes(head) + bytes(16) + payload + b"more"


def test_drivers_of_the_firmware_s_screen() -> None:
    assert framebuffer_drivers(bzimage(b"\x016efifb: probing for efifb\n")) == {"efifb"}
    assert framebuffer_drivers(bzimage(b"vesafb: mode is")) == set()
    assert framebuffer_drivers(bzimage(b"simpledrm\0efidrm")) == {"simpledrm", "efidrm"}
    assert framebuffer_drivers(bzimage(b"efifb: ", protocol=0x0207)) is None
    assert framebuffer_drivers(b"") is None
    assert framebuffer_drivers(bytes(1000)) is None
    with pytest.raises(Failure):
        framebuffer_drivers(bzimage(b"efifb: " * 1000)[:-40].replace(b"\x1f\x8b", b"\x1f\x8b\xff"))


def test_debian_s_own_kernel_shows_the_screen() -> None:
    kernels = sorted(Path("/boot").glob("vmlinuz-*"))
    assert kernels, "no kernel in /boot"
    assert "efifb" in (framebuffer_drivers(kernels[-1].read_bytes()) or ())
