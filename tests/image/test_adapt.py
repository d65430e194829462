"""`kximage adapt` on real images: what is added, and that nothing else changes."""

from __future__ import annotations

import errno
import json
import os
import struct
from pathlib import Path

import adapt_images as images
import pytest
from adapt_images import run, sha256

from kxsh.errors import KxshError
from kxsh.image import adapt, output, tools, uki
from kxsh.image.adapt import Request, Result
from kxsh.image.progress import Progress

MIB = 1 << 20
KINDS = ("plain", "hybrid", "mbr", "gpt", "logical")
FOUR_PRIMARY = """\
label: dos
1 : start=2048, size=2048, type=83, bootable
2 : start=4096, size=2048, type=83
3 : start=6144, size=2048, type=83
"""
LOGICAL = (
    FOUR_PRIMARY
    + """\
4 : start=8192, size=16384, type=5
5 : start=10240, size=2048, type=83
6 : start=14336, size=2048, type=83
"""
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One image of each kind, the loader and a script."""
    folder = tmp_path_factory.mktemp("images")
    live, disk = images.make_tree(folder / "live"), images.make_extlinux_tree(folder / "disk")
    script = folder / "boot.kxs"
    script.write_text(images.SCRIPT)
    return {
        "live": live,
        "loader": images.make_loader(folder / "loader.efi"),
        "script": script,
        "plain": images.make_iso(folder / "plain.iso", live),
        "hybrid": images.make_hybrid(folder / "hybrid.iso", live),
        "mbr": images.make_mbr_disk(folder / "mbr.img", disk),
        "gpt": images.make_gpt_disk(folder / "gpt.img", disk),
        "logical": images.make_disk(folder / "logical.img", 16, LOGICAL),
    }


def adapted(made: dict[str, Path], image: Path, out: Path, **options: object) -> Result:
    """Adapt with the small loader and the test's script; the input must not change."""
    before = sha256(image)
    given: dict[str, object] = {"loader": made["loader"], "script": made["script"], **options}
    try:
        return adapt.adapt(Request(image, out, **given), Progress(quiet=True))  # type: ignore[arg-type]
    finally:
        assert sha256(image) == before


def changed(before: bytes, after: bytes) -> set[int]:
    """The offsets below the end of `before` whose byte is another one."""
    block, found = 4096, set[int]()
    for at in range(0, len(before), block):
        old, new = before[at : at + block], after[at : at + block]
        if old != new:
            found |= {at + i for i in range(len(old)) if old[i] != new[i]}
    return found


def catalogue_of(iso: bytes) -> int:
    return int(struct.unpack_from("<I", iso, 17 * 2048 + 0x47)[0]) * 2048


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_tables_change(made: dict[str, Path], tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    adapted(made, made[kind], out)
    before, after = made[kind].read_bytes(), out.read_bytes()
    # Where an MBR entry, a new table or the two ends of a GPT may be written.
    allowed = {
        "plain": set(range(440, 512)),
        "hybrid": set(range(446 + 16, 446 + 32)),
        "mbr": set(range(446 + 16, 446 + 32)),
        "gpt": set(range(446 + 12, 446 + 16)) | set(range(512, 1024)) | set(range(1152, 1280)),
        # the container's length, and the link in the last logical partition's table
        "logical": set(range(446 + 48 + 12, 446 + 64))
        | set(range(12288 * 512 + 462, 12288 * 512 + 478)),
    }[kind]
    if kind in ("plain", "hybrid"):
        start = catalogue_of(before)
        allowed |= set(range(start + 64, start + 128))
    assert changed(before, after) <= allowed
    assert after[:440] == before[:440]
    assert len(after) % 2048 == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_esp_reads_back(made: dict[str, Path], tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    result = adapted(made, made[kind], out)
    where = f"{out}@@{result.where.start}"
    assert result.where.start % MIB == 0
    listed = run("mdir", "-b", "-i", where, "::/EFI/BOOT").split()
    assert [name.lower() for name in listed] == [
        "::/efi/boot/bootx64.efi",
        "::/efi/boot/boot.kxs",
        "::/efi/boot/boot.kxs.parsed",
        "::/efi/boot/kxsh.id",
    ]
    assert run("mtype", "-i", where, "::/EFI/BOOT/boot.kxs") == images.SCRIPT
    assert run("mtype", "-i", where, "::/EFI/BOOT/kxsh.id") == result.identity + "\n"
    loader = tmp_path / "loader"
    run("mcopy", "-i", where, "::/EFI/BOOT/BOOTX64.EFI", loader)
    assert uki.read_cmdline(loader.read_bytes()) == f"quiet kxsh.id={result.identity}"
    filesystem = tmp_path / "esp"
    filesystem.write_bytes(out.read_bytes()[result.where.start :][: result.where.size])
    run("/usr/sbin/fsck.vfat", "-n", filesystem)
    assert 'LABEL="KXSH"' in run("/usr/sbin/blkid", "-p", filesystem)


@pytest.mark.parametrize("kind", ["plain", "hybrid", "mbr", "logical"])
def test_sfdisk_agrees_on_an_mbr(made: dict[str, Path], tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    result = adapted(made, made[kind], out)
    after = json.loads(run("/usr/sbin/sfdisk", "-J", out))["partitiontable"]
    esp = after["partitions"][result.partition - 1]
    assert esp["start"] == result.where.start // 512
    assert esp["size"] == result.where.size // 512
    assert esp["type"] == "ef"
    assert "bootable" not in esp
    if kind == "plain":
        first = after["partitions"][0]
        assert (first["start"], first["type"], result.partition) == (0, "17", 2)
        assert first["size"] * 512 == made[kind].stat().st_size
    else:
        before = json.loads(run("/usr/sbin/sfdisk", "-J", made[kind]))["partitiontable"]
        assert after["id"] == before["id"]
        for old, new in zip(before["partitions"], after["partitions"], strict=False):
            kept = (
                ("start", "type", "bootable") if old["type"] == "5" else tuple(set(old) - {"node"})
            )
            assert [old.get(key) for key in kept] == [new.get(key) for key in kept]


def test_sgdisk_agrees_on_a_gpt(made: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = adapted(made, made["gpt"], out)
    assert "No problems found" in run("/usr/sbin/sgdisk", "-v", out)
    first, esp = (run("/usr/sbin/sgdisk", "-i", str(n), out) for n in (1, result.partition))
    assert "Attribute flags: 0000000000000004" in first
    assert first == run("/usr/sbin/sgdisk", "-i", "1", made["gpt"])
    assert "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" in esp
    assert f"First sector: {result.where.start // 512} " in esp


@pytest.mark.parametrize("kind", ["plain", "hybrid"])
def test_xorriso_agrees_on_the_catalogue(made: dict[str, Path], tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    result = adapted(made, made[kind], out)
    report = run("xorriso", "-indev", out, "-report_el_torito", "plain")
    rows = [line.split() for line in report.splitlines() if "boot img :" in line]
    assert [tuple(row[6:9]) for row in rows] == [
        ("BIOS", "y", "none"),
        ("UEFI", "y", "none"),
    ]
    assert int(rows[1][-1]) * 2048 == result.where.start
    assert int(rows[1][-2]) * 512 == result.where.size == 31 * MIB


def test_an_esp_beyond_what_el_torito_counts(made: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = adapted(made, made["hybrid"], out, esp_size=64 * MIB)
    assert result.where.size == 64 * MIB
    at = catalogue_of(out.read_bytes()) + 96
    sectors, lba = struct.unpack_from("<HI", out.read_bytes(), at + 6)
    assert (sectors, lba * 2048) == (65535, result.where.start)
    with out.open("rb") as file:
        file.seek(result.where.start)
        assert file.read(90)[82:90] == b"FAT32   "


def test_the_same_inputs_give_the_same_bytes(
    made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = adapted(made, made["hybrid"], tmp_path / "a")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    sparse = tmp_path / "copy.iso"
    run("cp", "--sparse=always", made["hybrid"], sparse)
    second = adapted(made, sparse, tmp_path / "b")
    assert first.identity == second.identity
    assert sha256(tmp_path / "a") == sha256(tmp_path / "b")
    other = adapted(made, made["plain"], tmp_path / "c")
    assert other.identity != first.identity
    forced = adapted(made, made["hybrid"], tmp_path / "d", identity="0123456789abcdef" * 2)
    assert forced.identity == "0123456789abcdef" * 2


def test_a_sparse_image_stays_sparse(made: dict[str, Path], tmp_path: Path) -> None:
    disk = images.make_disk(tmp_path / "big.img", 3000, "label: dos\nstart=2048, size=4000\n")
    result = adapted(made, disk, tmp_path / "out")
    assert result.size > 3000 * MIB
    assert (tmp_path / "out").stat().st_blocks * 512 < 8 * MIB


def test_imported_files_lie_beside_the_script(made: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    (folder / "lib").mkdir(parents=True)
    script = folder / "boot.kxs"
    script.write_text('kxs 1\nimport "lib/disk.kxs" as d\nd.hello\nrecovery "x"\n')
    (folder / "lib" / "disk.kxs").write_text('kxs 1\nfn hello() { say "hello" }\n')
    out = tmp_path / "out"
    result = adapted(made, made["hybrid"], out, script=script)
    where = f"{out}@@{result.where.start}"
    text = run("mtype", "-i", where, "::/EFI/BOOT/lib/disk.kxs")
    assert text == (folder / "lib" / "disk.kxs").read_text()


# -- images that are left alone


def refusal(made: dict[str, Path], image: Path, out: Path, **options: object) -> str:
    """The message and hint of the refusal; nothing may be left beside the inputs."""
    before = set(out.parent.iterdir())
    with pytest.raises(KxshError) as caught:
        adapted(made, image, out, **options)
    assert set(out.parent.iterdir()) == before
    return f"{caught.value.message} | {caught.value.hint}"


def test_an_image_that_boots_by_uefi_is_told_so(made: dict[str, Path], tmp_path: Path) -> None:
    for kind in ("hybrid", "mbr"):
        out = tmp_path / kind
        adapted(made, made[kind], out)
        again = tmp_path / f"{kind}2"
        message = refusal(made, out, again)
        assert "boots by UEFI already" in message
        assert "put there by kximage" in message
        result = adapted(made, out, again, force=True)
        assert result.partition == 3
        assert any("booted by UEFI already" in note for note in result.notes)


def test_an_efi_entry_alone_counts_as_uefi(made: dict[str, Path], tmp_path: Path) -> None:
    efi = tmp_path / "efi.img"
    efi.write_bytes(bytes(2 * MIB))
    run("/usr/sbin/mkfs.vfat", efi)
    tree = tmp_path / "tree"
    images.make_tree(tree)
    (tree / "efi.img").write_bytes(efi.read_bytes())
    iso = images.make_iso(
        tmp_path / "uefi.iso", tree, *"-eltorito-alt-boot -e efi.img -no-emul-boot".split()
    )
    message = refusal(made, iso, tmp_path / "out")
    assert "El Torito boot catalogue has an EFI entry" in message
    assert "--force" in message
    result = adapted(made, iso, tmp_path / "out", force=True)
    report = run("xorriso", "-indev", tmp_path / "out", "-report_el_torito", "plain")
    lbas = [line.split()[-1] for line in report.splitlines() if "UEFI" in line]
    assert lbas == [str(result.where.start // 2048)]


def test_a_truncated_iso_is_refused(made: dict[str, Path], tmp_path: Path) -> None:
    half = tmp_path / "half.iso"
    half.write_bytes(made["hybrid"].read_bytes()[: 1 * MIB])
    assert "truncated" in refusal(made, half, tmp_path / "out")
    result = adapted(made, half, tmp_path / "out", force=True)
    assert any("truncated" in note for note in result.notes)


def test_a_cut_disk_image_is_refused(made: dict[str, Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.img"
    cut.write_bytes(made["mbr"].read_bytes()[: 4 * MIB])
    assert "ends beyond the end of the disk" in refusal(made, cut, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("tiny", b"MZ" * 100, "too small"),
        ("text", b"hello\n" * 50_000, "neither an ISO 9660 image nor a disk image"),
        ("gzip", b"\x1f\x8b\x08" + bytes(200_000), "gunzip"),
        ("xz", b"\xfd7zXZ\0" + bytes(200_000), "xz -dk"),
        ("qcow2", b"QFI\xfb" + bytes(200_000), "qemu-img convert"),
        ("zeros", bytes(200_000), "neither an ISO 9660 image nor a disk image"),
    ],
)
def test_what_is_no_image(
    made: dict[str, Path], tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert said in refusal(made, path, tmp_path / "out")


def test_a_cut_gpt_image_is_refused(made: dict[str, Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.img"
    cut.write_bytes(made["gpt"].read_bytes()[: 4 * MIB])
    message = refusal(made, cut, tmp_path / "out")
    assert "no usable partition table" in message
    assert "is it complete?" in message


def test_a_name_that_mtools_would_misread(made: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "-a@@b.iso"
    adapted(made, made["hybrid"], out)
    assert "boots by UEFI already" in refusal(made, out, tmp_path / "out")


def test_a_program_that_is_missing(
    made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "which", lambda name: None if name == "mcopy" else f"/bin/{name}")
    message = refusal(made, made["hybrid"], tmp_path / "out")
    assert (
        message
        == "the program mcopy is not installed | install the Debian package: apt install mtools"
    )


GRUB_LIKE = "--protective-msdos-label -partition_offset 16".split()


def test_hybrids_of_other_kinds(made: dict[str, Path], tmp_path: Path) -> None:
    fat = tmp_path / "fat.img"
    fat.write_bytes(bytes(2 * MIB))
    run("/usr/sbin/mkfs.vfat", fat)
    appended = ["-append_partition", "2", "0x0c", fat, "-appended_part_as_gpt"]
    for number, more in enumerate((GRUB_LIKE, ["-partition_offset", "16"], appended), 1):
        iso = images.make_hybrid(tmp_path / f"{number}.iso", made["live"], *more)
        out = tmp_path / f"{number}.out"
        result = adapted(made, iso, out)
        before, after = iso.read_bytes(), out.read_bytes()
        start = catalogue_of(before)
        # MBR, GPT header and entries; all of them are in the system area.
        allowed = set(range(440, 32768)) | set(range(start + 64, start + 128))
        assert changed(before, after) <= allowed
        table = json.loads(run("/usr/sbin/sfdisk", "-J", out))["partitiontable"]
        assert table["label"] == ("gpt" if more is appended else "dos")
        esp = table["partitions"][result.partition - 1]
        assert esp["start"] * 512 == result.where.start
        if more is appended:
            assert "No problems found" in run("/usr/sbin/sgdisk", "-v", out)


def test_a_bare_filesystem(made: dict[str, Path], tmp_path: Path) -> None:
    for maker in (("mkfs.vfat",), ("mke2fs", "-q", "-F")):
        disk = tmp_path / maker[0]
        disk.write_bytes(bytes(8 * MIB))
        run(f"/usr/sbin/{maker[0]}", *maker[1:], disk)
        assert "one filesystem or boot sector" in refusal(made, disk, tmp_path / "out")


def test_four_primaries_and_no_extended_one(made: dict[str, Path], tmp_path: Path) -> None:
    table = FOUR_PRIMARY + "4 : start=8192, size=2048, type=83\n"
    disk = images.make_disk(tmp_path / "full.img", 16, table)
    assert "none of them is an extended one" in refusal(made, disk, tmp_path / "out")
    table = LOGICAL.replace("3 : start=6144", "3 : start=26624")
    disk = images.make_disk(tmp_path / "middle.img", 16, table)
    assert "it cannot grow" in refusal(made, disk, tmp_path / "out")


def test_a_damaged_gpt(made: dict[str, Path], tmp_path: Path) -> None:
    disk = tmp_path / "gpt.img"
    data = bytearray(made["gpt"].read_bytes())
    data[1024 + 20] ^= 1
    disk.write_bytes(data)
    assert "damaged" in refusal(made, disk, tmp_path / "out")


def test_other_data_where_the_table_would_be(made: dict[str, Path], tmp_path: Path) -> None:
    iso = tmp_path / "odd.iso"
    data = bytearray(made["plain"].read_bytes())
    data[450:460] = b"other data"
    iso.write_bytes(data)
    assert "bytes 446-509" in refusal(made, iso, tmp_path / "out")


def test_names_that_are_refused(made: dict[str, Path], tmp_path: Path) -> None:
    iso = made["hybrid"]
    assert "is what is read" in refusal(made, iso, iso, force=True)
    link = tmp_path / "link.iso"
    link.symlink_to(iso)
    assert "is what is read" in refusal(made, iso, link, force=True)
    there = tmp_path / "there"
    there.write_text("precious")
    assert "--force" in refusal(made, iso, there)
    assert there.read_text() == "precious"
    assert "not a regular file" in refusal(made, iso, tmp_path)
    adapted(made, iso, there, force=True)
    assert there.stat().st_size > iso.stat().st_size


def test_a_loader_that_is_none(made: dict[str, Path], tmp_path: Path) -> None:
    for data, said in ((b"#!/bin/sh\n", "MZ"), (images.STUB.read_bytes(), "no section")):
        path = tmp_path / "loader"
        path.write_bytes(data)
        message = refusal(made, made["hybrid"], tmp_path / "out", loader=path)
        assert "cannot be the loader" in message
        assert said in message
    cut = tmp_path / "cut"
    cut.write_bytes(made["loader"].read_bytes()[:150_000])
    assert "truncated" in refusal(made, made["hybrid"], tmp_path / "out", loader=cut)


def test_an_esp_that_is_too_small(made: dict[str, Path], tmp_path: Path) -> None:
    big = images.make_loader(tmp_path / "big.efi", 9 * MIB)
    message = refusal(made, made["hybrid"], tmp_path / "out", loader=big, esp_size=8 * MIB)
    assert "need 11.0 MiB" in message


# -- the output


def test_without_unnamed_files_a_hidden_name_is_used_and_removed(
    made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refuse(path: object, flags: int, *more: object, **named: object) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not here")
        return opened(path, flags, *more, **named)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(output.os, "open", refuse)
    out = tmp_path / "out"
    result = adapted(made, made["hybrid"], out)
    assert out.stat().st_size == result.size
    assert list(tmp_path.iterdir()) == [out]
    monkeypatch.setattr(adapt, "_verify", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        adapted(made, made["plain"], tmp_path / "other")
    assert list(tmp_path.iterdir()) == [out]


def test_a_name_that_is_taken_meanwhile(
    made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    verify = adapt._verify

    def slow(*given: object) -> int:
        out.write_text("somebody else's")
        return verify(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(adapt, "_verify", slow)
    with pytest.raises(KxshError, match="appeared while"):
        adapted(made, made["hybrid"], out)
    assert out.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [out]


def test_what_does_not_read_back_gets_no_name(
    made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapt.content, "write_sparse", lambda *_: None)
    with pytest.raises(KxshError, match=r"EFI/BOOT|mtype"):
        adapted(made, made["hybrid"], tmp_path / "out")
    assert not list(tmp_path.iterdir())
