"""Directory roots over hostile trees."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from kxsh.errors import FormatFailure, IoFailure, NotFound
from kxsh.machine.root import DirectoryRoot


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("outside")
    base = tmp_path / "base"
    (base / "Boot" / "grub").mkdir(parents=True)
    (base / "Boot" / "vmlinuz").write_bytes(b"kernel")
    (base / "Boot" / "grub" / "grub.cfg").write_text("menu")
    return base


def test_reads_and_lists(tree: Path) -> None:
    root = DirectoryRoot(str(tree))
    assert root.read("/Boot/vmlinuz") == b"kernel"
    assert root.read("Boot//./grub/grub.cfg") == b"menu"
    assert root.list("/Boot") == ["grub", "vmlinuz"]
    assert root.list("/") == ["Boot"]
    facts = root.stat("/Boot/vmlinuz")
    assert facts is not None and (facts.kind, facts.size) == ("file", 6)
    assert root.stat("/nothing") is None
    with root.open("/Boot/vmlinuz") as file:
        file.seek(3)
        assert file.read() == b"nel"


@pytest.mark.parametrize(
    "path",
    ["/../secret", "../../secret", "/Boot/../../secret", "/up/secret", "/absolute", "/hop/secret"],
)
def test_no_path_leads_out(tree: Path, path: str) -> None:
    (tree / "up").symlink_to("..")
    (tree / "absolute").symlink_to(tree.parent / "secret")
    (tree / "hop").symlink_to("Boot/../../../..")
    with pytest.raises(NotFound):
        DirectoryRoot(str(tree)).read(path)


def test_links_stay_inside(tree: Path) -> None:
    (tree / "kernel").symlink_to("/Boot/vmlinuz")
    (tree / "Boot" / "up").symlink_to("../../../Boot/grub")
    root = DirectoryRoot(str(tree))
    assert root.read("/kernel") == b"kernel"
    assert root.read("/Boot/up/grub.cfg") == b"menu"
    facts = root.stat("/kernel")
    assert facts is not None and facts.path == "/Boot/vmlinuz"


def test_link_loops_end(tree: Path) -> None:
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")
    (tree / "self").symlink_to("self/self")
    root = DirectoryRoot(str(tree))
    for path in ("/a", "/self"):
        with pytest.raises(FormatFailure, match="loop of links"):
            root.read(path)


def test_magic_links_are_text(tree: Path) -> None:
    (tree / "me").symlink_to("/proc/self/root/etc/passwd")
    with pytest.raises(NotFound):
        DirectoryRoot(str(tree)).read("/me")


def test_only_regular_files_are_opened(tree: Path) -> None:
    os.mkfifo(tree / "fifo")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tree / "socket"))
    server.close()
    root = DirectoryRoot(str(tree))
    for path in ("/fifo", "/socket", "/Boot"):
        with pytest.raises(FormatFailure, match="not a regular file"):
            root.open(path)
    with pytest.raises(FormatFailure, match="not a regular file"):
        DirectoryRoot("/").open("/dev/null")


def test_any_case_where_the_filesystem_ignores_it(tree: Path) -> None:
    root = DirectoryRoot(str(tree), ignores_case=True)
    facts = root.stat("/BOOT/GRUB/Grub.CFG")
    assert facts is not None and facts.path == "/Boot/grub/grub.cfg"
    assert root.read("/boot/VMLINUZ") == b"kernel"
    with pytest.raises(NotFound):
        DirectoryRoot(str(tree)).read("/boot/vmlinuz")


def test_an_exact_name_goes_before_another_case(tree: Path) -> None:
    (tree / "Boot" / "VMLINUZ").write_bytes(b"other")
    root = DirectoryRoot(str(tree), ignores_case=True)
    assert root.read("/boot/VMLINUZ") == b"other"
    assert root.read("/boot/vmlinuz") == b"kernel"


def test_what_is_missing_names_the_nearest(tree: Path) -> None:
    with pytest.raises(NotFound) as caught:
        DirectoryRoot(str(tree)).read("/Boot/vmlinux")
    assert caught.value.hint == "did you mean 'vmlinuz'?"
    assert "/Boot has no 'vmlinux'" in caught.value.message


def test_a_file_is_no_directory(tree: Path) -> None:
    root = DirectoryRoot(str(tree))
    for path in ("/Boot/vmlinuz/x", "/Boot/vmlinuz/../grub/grub.cfg/y"):
        with pytest.raises(NotFound):
            root.read(path)
    with pytest.raises(NotFound, match="not a directory"):
        root.list("/Boot/vmlinuz")


@pytest.mark.parametrize("path", ["/a\0b", "/\ud800", "/" + "x" * 300, "/" + "y/" * 3000])
def test_impossible_names_are_not_there(tree: Path, path: str) -> None:
    assert DirectoryRoot(str(tree)).stat(path) is None


def test_a_limit_is_a_limit(tree: Path) -> None:
    root = DirectoryRoot(str(tree))
    assert root.read("/Boot/vmlinuz", 6) == b"kernel"
    with pytest.raises(FormatFailure, match="larger than 5 B"):
        root.read("/Boot/vmlinuz", 5)


def test_escapes_in_names_do_not_reach_the_message(tree: Path) -> None:
    (tree / "evil\x1b[2J").write_text("")
    with pytest.raises(NotFound) as caught:
        DirectoryRoot(str(tree)).read("/evil\x1b[2K")
    assert "\x1b" not in caught.value.message + caught.value.hint


def test_no_descriptor_is_left_open(tree: Path) -> None:
    root = DirectoryRoot(str(tree))
    before = len(os.listdir("/proc/self/fd"))
    for path in ("/Boot/grub/grub.cfg", "/Boot/grub/nope", "/Boot/vmlinuz/x", "/a\0"):
        root.stat(path)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(not os.access("/proc/kmsg", os.R_OK), reason="the kernel's log is not ours")
def test_what_has_nothing_to_give_now_is_a_failure() -> None:
    root = DirectoryRoot("/proc")
    with pytest.raises(IoFailure, match="kmsg: nothing comes from it now"):
        for _ in range(5):  # what the kernel still had comes first
            with suppress(FormatFailure):  # more than is read at once
                root.read("/kmsg")
