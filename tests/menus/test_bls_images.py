"""Unified kernel images in menus: titles, profiles, boot counts, and what is no image."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.kernels import bzimage, uki

from kxsh.boot.entry import Menu
from kxsh.boot.uki import built_in_cmdline
from kxsh.image.uki import build
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.menus import bls, limits
from kxsh.menus.search import find_menus

RELEASE = b'NAME="Arch"\nID=arch\nPRETTY_NAME="Arch Linux"\nVERSION_ID=2\n# a comment\n'
KERNEL = bzimage()


def image(*more: tuple[str, bytes], release: bytes = RELEASE, cmdline: bytes = b"rw") -> bytes:
    base = ((".osrel", release), (".cmdline", cmdline), (".linux", KERNEL), (".initrd", b"i"))
    return uki(*((name, data) for name, data in base if data), *more)


def menu(files: dict[str, bytes | str], path: str = "/EFI/Linux") -> Menu:
    return bls.read(MemoryRoot(files), path)


def test_an_image_is_an_entry() -> None:
    (entry,) = menu({"/EFI/Linux/arch.efi": image(cmdline=b" root=/dev/a\tquiet\n\0junk")}).entries
    assert (entry.id, entry.title, entry.kernel) == (
        "arch.efi",
        "Arch Linux",
        "/EFI/Linux/arch.efi",
    )
    assert entry.cmdline == entry.handover == "root=/dev/a quiet"
    assert entry.initrds == () and entry.not_bootable == ""


def test_one_that_was_made_on_systemds_stub() -> None:
    stub = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub").read_bytes()
    made = build(stub, {".osrel": RELEASE, ".cmdline": b"quiet", ".linux": KERNEL, ".initrd": b"i"})
    (found,) = find_menus(MemoryRoot({"/EFI/LINUX/A.EFI": made}, True))
    assert (found.format, found.default, found.entries[0].cmdline) == ("bls", "A.EFI", "quiet")


@pytest.mark.parametrize(
    ("release", "title"),
    [
        (b"NAME=N\nIMAGE_ID=I\nID=i", "I"),
        (b"NAME=N\nID=i", "N"),
        (b"ID='i'", "i"),
    ],
)
def test_titles_come_from_os_release(release: bytes, title: str) -> None:
    (entry,) = menu({"/EFI/Linux/a.efi": image(release=release)}).entries
    assert entry.title == title


def test_images_and_entry_files_are_one_menu() -> None:
    files: dict[str, bytes | str] = {
        "/EFI/Linux/arch+2-1.efi": image(),
        "/EFI/Linux/arch-old+0-3.efi": image(release=RELEASE + b"IMAGE_VERSION=1\n"),
        "/EFI/Linux/arch-new.efi": image(release=RELEASE + b"IMAGE_VERSION=9\n"),
        "/loader/entries/zz.conf": "linux /k\nsort-key arch\nversion 5\ntitle Z\n",
        "/loader/entries/plain.conf": "linux /k\n",
        "/loader/loader.conf": "default arch.efi\ntimeout 4\n",
    }
    for path in ("/loader/loader.conf", "/loader/entries", "/EFI/Linux"):
        found = menu(files, path)
        assert [entry.id for entry in found.entries] == [
            *("arch-new.efi", "zz.conf", "arch.efi", "plain.conf", "arch-old.efi")
        ]
        assert (found.default, found.timeout) == ("arch.efi", 4.0)
        assert found.facts["tries.arch.efi"] == "2 attempts left, 1 failed"
    assert found.entries[0].title == "Arch Linux (9)"


def test_profiles() -> None:
    data = image(
        (".profile", b"TITLE=Normal\n"),
        (".profile", b"ID=rescue\nTITLE=Rescue\n"),
        (".cmdline", b"rescue"),
        (".profile", b"ID=other\n"),
        (".initrd", b"own"),
        (".profile", b"# nothing\n"),
    )
    found = menu({"/EFI/Linux/a+3.efi": data})
    assert [(e.id, e.title, e.cmdline) for e in found.entries] == [
        ("a.efi", "Arch Linux (Normal)", "rw"),
        ("a.efi@rescue", "Arch Linux (Rescue)", "rescue"),
        ("a.efi@other", "Arch Linux (other)", "rw"),
        ("a.efi@3", "Arch Linux (Profile #4)", "rw"),
    ]
    assert found.entries[2].not_bootable == "this profile has its own .initrd in the image"
    assert found.default == "a.efi"


def test_an_entry_file_may_name_an_image() -> None:
    data = image((".profile", b"ID=a"), (".profile", b"ID=b"), (".cmdline", b"second"))
    files: dict[str, bytes | str] = {
        "/x.efi": data,
        "/shell.efi": uki((".text", b"x")),
        "/loader/entries/e1.conf": "uki /x.efi",
        "/loader/entries/e2.conf": "uki /x.efi\nprofile 1",
        "/loader/entries/e3.conf": "efi /x.efi\noptions mine",
        "/loader/entries/e4.conf": "uki /x.efi\nprofile 7",
        "/loader/entries/e5.conf": "uki /shell.efi",
        "/loader/entries/e6.conf": "efi /shell.efi",
    }
    found = {entry.id[:2]: entry for entry in menu(files, "/loader/entries").entries}
    assert (found["e1"].kernel, found["e1"].handover, found["e1"].not_bootable) == (
        "/x.efi",
        "rw",
        "",
    )
    assert found["e2"].cmdline == "second"
    assert (found["e3"].cmdline, found["e3"].not_bootable) == ("mine", "")
    assert found["e4"].not_bootable == "the image has no profile 7"
    assert found["e5"].not_bootable == "not a unified kernel image"
    assert "firmware" in found["e6"].not_bootable


def test_addons_come_behind_the_command_line() -> None:
    files: dict[str, bytes | str] = {
        "/EFI/Linux/a+3-1.efi": image((".uname", b"6.1")),
        "/EFI/Linux/a.efi.extra.d/2.addon.efi": uki((".cmdline", b"own2"), (".uname", b"6.1")),
        "/EFI/Linux/a.efi.extra.d/1.addon.efi": uki((".cmdline", b"own1\n")),
        "/EFI/Linux/a.efi.extra.d/x.cred": b"secret",
        "/EFI/Linux/a.efi.extra.d/3.addon.efi": uki((".cmdline", b"no"), (".uname", b"6.2")),
        "/EFI/Linux/a.efi.extra.d/4.addon.efi": b"MZ",
        "/loader/addons/all.addon.efi": uki((".cmdline", b"global")),
        "/loader/addons/other.efi": uki((".cmdline", b"no")),
        "/loader/entries/e.conf": "uki /EFI/Linux/a+3-1.efi\noptions mine",
    }
    found = {entry.id: entry.handover for entry in menu(files).entries}
    assert found == {"a.efi": "rw global own1 own2", "e.conf": "mine global own1 own2"}
    path = "/EFI/Linux/a.efi"
    machine = FakeMachine(files={"/": {**files, path: files["/EFI/Linux/a+3-1.efi"]}})
    assert built_in_cmdline(machine, path) == "rw global own1 own2"
    assert built_in_cmdline(machine, "/EFI/Linux/a.efi.extra.d/x.cred") is None


def test_what_is_no_entry() -> None:
    files: dict[str, bytes | str] = {
        "/EFI/Linux/nameless.efi": image(release=b""),
        "/EFI/Linux/shell.efi": uki((".text", b"x")),
        "/EFI/Linux/kernel.efi": KERNEL,
        "/EFI/Linux/text.efi": "hello",
        "/EFI/Linux/empty.efi": "",
        "/EFI/Linux/auto-x.efi": image(),
        "/EFI/Linux/good.efi.bak": image(),
        "/EFI/Linux/dir.efi/x": "",
        "/EFI/Linux/cut.efi": image()[:0x300],
    }
    found = menu(files)
    assert found.entries == () and found.default == ""
    assert "left out: no .osrel section names its system" in [p.message for p in found.problems]


def test_hostile_images() -> None:
    data = bytearray(image())
    data[0x86:0x88] = b"\xff\xff"  # 65535 sections
    swamped: dict[str, bytes | str] = {
        f"/EFI/Linux/{number}.efi": bytes(data) for number in range(limits.FILES + 9)
    }
    found = menu(swamped)
    assert len(found.entries) == limits.FILES
    assert any("the rest is left out" in problem.message for problem in found.problems)
    huge = uki((".osrel", b"ID=x\n" + b"\xff" * 200_000), (".linux", b"k"))
    many = image(*((".profile", b"") for _ in range(80)), *((".profile", b"x") for _ in range(80)))
    found = menu({"/EFI/Linux/h.efi": huge, "/EFI/Linux/m.efi": many})
    assert found.entries and len(found.entries) <= 66


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x900), st.integers(0, 255)), max_size=12), st.data())
def test_damaged_images_never_raise(changes: list[tuple[int, int]], data: st.DataObject) -> None:
    damaged = bytearray(image((".profile", b"ID=a"), (".cmdline", b"x")))
    for at, value in changes:
        damaged[at] = value
    end = data.draw(st.integers(0, len(damaged)))
    found = menu({"/EFI/Linux/a.efi": bytes(damaged[:end])})
    for entry in found.entries:
        assert entry.kernel == "/EFI/Linux/a.efi"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=100), st.text(max_size=20))
def test_any_bytes_are_read(entry: bytes, conf: bytes, name: str) -> None:
    name = name.replace("/", "").replace("\0", "") or "x"
    found = menu(
        {f"/loader/entries/{name}.conf": b"linux /k\n" + entry, "/loader/loader.conf": conf},
        "/loader/loader.conf",
    )
    assert len(found.entries) <= 1
