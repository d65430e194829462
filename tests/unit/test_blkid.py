"""libblkid by ctypes, against filesystems made by their own programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from disk_images import blank, make_disk, make_ext, make_fat, make_iso, run, sample_tree

from kxsh.errors import IoFailure, NotFound
from kxsh.machine.blkid import probe


def judge(path: Path) -> dict[str, str]:
    """What util-linux's own program says."""
    lines = run("blkid", "-p", "-o", "export", path).splitlines()
    return dict(line.replace("\\ ", " ").split("=", 1) for line in lines[1:])


def test_says_what_the_program_says(tmp_path: Path) -> None:
    tree = sample_tree(tmp_path / "tree")
    for path in (
        make_ext(tmp_path / "ext.img", tree),
        make_fat(tmp_path / "fat.img", sample_tree(tmp_path / "plain", links=False), 32),
        make_iso(tmp_path / "cd.iso", tree, "-R"),
    ):
        ours, theirs = probe(str(path)), judge(path)
        for key in ("TYPE", "LABEL", "UUID", "USAGE"):
            assert ours[key] == theirs[key], (path, key)


def test_offset_and_size_choose_a_part(tmp_path: Path) -> None:
    ext = make_ext(tmp_path / "ext.img", sample_tree(tmp_path / "tree"), "-U", "random")
    disk = make_disk(tmp_path / "disk.img", 32, "label: gpt\nstart=2MiB, size=24MiB\n", [(2, ext)])
    table = json.loads(run("sfdisk", "-J", disk))["partitiontable"]
    whole = probe(str(disk))
    assert (whole["PTTYPE"], whole["PTUUID"]) == ("gpt", table["id"].lower())
    assert "TYPE" not in whole
    part = probe(str(disk), 2 << 20, 24 << 20)
    assert part["TYPE"] == "ext4"
    assert part["LABEL"] == "root fs"
    assert part["UUID"] == probe(str(ext))["UUID"]
    assert probe(str(disk), 1 << 20, 1 << 20) == {}


def test_several_claims_are_ambivalent(tmp_path: Path) -> None:
    ext = make_ext(tmp_path / "ext.img", sample_tree(tmp_path / "tree"))
    other = blank(tmp_path / "xfs.img", 320)
    run("mkfs.xfs", "-q", other)
    with open(ext, "r+b") as file:  # an XFS superblock in front of the ext one
        file.write(other.read_bytes()[:512])
    found = probe(str(ext))
    assert set(found) == {"AMBIVALENT"}
    assert set(found["AMBIVALENT"].split(", ")) == {"ext4", "xfs"}


def test_label_that_is_not_utf8(tmp_path: Path) -> None:
    tree = sample_tree(tmp_path / "tree")
    ext = make_ext(tmp_path / "ext.img", tree, "-O", "^metadata_csum")
    with open(ext, "r+b") as file:
        file.seek(1024 + 0x78)
        file.write(b"caf\xe9\x1b[31m".ljust(16, b"\0"))
    assert probe(str(ext))["LABEL"] == "caf\udce9\x1b[31m"


def test_nothing_known(tmp_path: Path) -> None:
    assert probe(str(blank(tmp_path / "zero.img", 4))) == {}


@pytest.mark.parametrize("path", ["/", "/dev/null", "a\0b"])
def test_what_cannot_be_probed(path: str) -> None:
    with pytest.raises(IoFailure):
        probe(path)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        probe(str(tmp_path / "none"))
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(NotFound):
        probe(str(file / "below"))


def test_beyond_the_end(tmp_path: Path) -> None:
    image = blank(tmp_path / "zero.img", 1)
    with pytest.raises(IoFailure):
        probe(str(image), 8 << 20, 1 << 20)
