"""The newc writer, judged by cpio itself."""

from __future__ import annotations

import random
import stat
import subprocess
from pathlib import Path

import pytest

from kxsh.image import cpio

MEMBERS = [
    cpio.file("init", b"#!/bin/sh\n", executable=True),
    cpio.file("usr/lib/deep/data", bytes(range(256)) * 5),
    cpio.file("empty", b""),
    cpio.symlink("lib", "usr/lib"),
    cpio.directory("proc"),
    cpio.character_device("dev/console", 5, 1),
]


def test_order_does_not_matter() -> None:
    shuffled = list(MEMBERS)
    random.Random(1).shuffle(shuffled)
    assert cpio.pack(shuffled) == cpio.pack(MEMBERS)


def test_parents_come_before_their_children() -> None:
    listing = _list(cpio.pack(MEMBERS))
    assert listing == sorted(listing)
    assert listing.index("usr/lib/deep") < listing.index("usr/lib/deep/data")


def test_busybox_unpacks_it(tmp_path: Path) -> None:
    without_devices = [m for m in MEMBERS if not stat.S_ISCHR(m.mode)]
    archive = cpio.pack(without_devices, mtime=86400)
    subprocess.run(["busybox", "cpio", "-idm"], input=archive, cwd=tmp_path, check=True)
    assert (tmp_path / "usr/lib/deep/data").read_bytes() == bytes(range(256)) * 5
    assert (tmp_path / "init").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "init").stat().st_mtime == 86400
    assert (tmp_path / "empty").read_bytes() == b""
    assert (tmp_path / "lib").readlink() == Path("usr/lib")


def test_device_numbers_and_mode() -> None:
    archive = cpio.pack([cpio.character_device("console", 5, 1)])
    # Thirteen fields of eight hexadecimal digits after the magic number.
    fields = [int(archive[6 + 8 * n : 14 + 8 * n], 16) for n in range(13)]
    assert fields[1] == stat.S_IFCHR | 0o600
    assert fields[9:11] == [5, 1]


@pytest.mark.parametrize("length", range(8))
def test_padding(length: int) -> None:
    name = "n" * (length + 1)
    archive = cpio.pack([cpio.file(name, b"d" * length), cpio.file("z", b"end")])
    assert len(archive) % 512 == 0
    assert _list(archive) == [name, "z"]


def _list(archive: bytes) -> list[str]:
    done = subprocess.run(["busybox", "cpio", "-t"], input=archive, capture_output=True, check=True)
    return done.stdout.decode().split("\n")[:-1]
