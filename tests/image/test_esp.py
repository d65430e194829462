"""The EFI system partition: its FAT type, size and contents, as other tools see them."""

from __future__ import annotations

from pathlib import Path

import adapt_images as images
import pytest

from kxsh.errors import KxshError
from kxsh.image import esp

MIB = 1 << 20
IDENTITY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("mib", "kind"), [(4, "FAT16"), (15, "FAT16"), (16, "FAT16"), (31, "FAT16"), (33, "FAT16"),
                      (34, "FAT32"), (64, "FAT32"), (100, "FAT32"), (512, "FAT32")]
)  # fmt: skip
def test_every_size_is_a_clean_filesystem(tmp_path: Path, mib: int, kind: str) -> None:
    content = bytes(range(256)) * 4 * 1000
    data = esp.build(mib * MIB, 98304 * 512, IDENTITY, {"BOOTX64.EFI": content, "boot.kxs": b"a"})
    assert len(data) == mib * MIB
    label = data[82:87] if kind == "FAT32" else data[54:59]
    assert label.decode() == kind
    assert int.from_bytes(data[28:32], "little") == 98304
    image = tmp_path / "esp"
    image.write_bytes(data)
    images.run("/usr/sbin/fsck.vfat", "-n", image)
    facts = images.run("/usr/sbin/blkid", "-p", "-o", "export", image).splitlines()
    assert "UUID=0123-4567" in facts
    assert "LABEL=KXSH" in facts
    assert f"VERSION={kind}" in facts
    assert esp.read_file(str(image), 0, "bootx64.efi") == content
    assert esp.has_file(str(image), 0, "BOOT.KXS")
    assert not esp.has_file(str(image), 0, "grubx64.efi")


def test_the_clock_and_the_settings_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"BOOTX64.EFI": b"x" * 5000}
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = esp.build(4 * MIB, 0, IDENTITY, files)
    settings = tmp_path / "mtoolsrc"
    settings.write_text("MTOOLS_LOWER_CASE=1\nMTOOLS_NO_VFAT=1\n")
    monkeypatch.setenv("MTOOLSRC", str(settings))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "not a number")
    assert esp.build(4 * MIB, 0, IDENTITY, files) == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    assert esp.build(4 * MIB, 0, IDENTITY, files) != first


def test_the_default_size() -> None:
    # An ISO: 31 MiB, which El Torito can count, as long as one loader fits.
    assert esp.default_size(1000, 100, counted=True) == 31 * MIB
    assert esp.default_size(20 * MIB, 100, counted=True) == 31 * MIB
    assert esp.default_size(40 * MIB, 100, counted=True) == 82 * MIB
    # A disk: room for two loaders, and not more.
    assert esp.default_size(1000, 100, counted=False) == 4 * MIB
    assert esp.default_size(12 * MIB, 100, counted=False) == 26 * MIB


def test_a_given_size() -> None:
    assert esp.check_size(5 * MIB + 1, 1000, 100) == 6 * MIB
    for size in (1 * MIB, 2000 * MIB):
        with pytest.raises(KxshError, match="does not do"):
            esp.check_size(size, 1000, 100)


def test_what_is_no_filesystem(tmp_path: Path) -> None:
    image = tmp_path / "noise"
    image.write_bytes(bytes(range(256)) * 4096)
    assert not esp.has_file(str(image), 0, "BOOTX64.EFI")
    with pytest.raises(KxshError, match="mtype failed"):
        esp.read_file(str(image), 0, "BOOTX64.EFI")
