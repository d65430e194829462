"""Boot Loader Specification entries: keys, order, titles, loader.conf, GRUB's view of them.

The orders and shown titles were compared with `bootctl list` of systemd 252 on the same
folders; where the program in the firmware differs from it (quotes, case), it is right.
"""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import bls, limits
from kxsh.menus.bls.folder import ENTRY_FILES
from kxsh.menus.bls.grub import expand
from kxsh.menus.bls.patterns import matches
from kxsh.menus.bls.snippet import Tries, split_tries
from kxsh.menus.bls.versions import key, key_package, key_rpm
from kxsh.menus.search import find_menus

FILES = {"/linux": "k", "/initrd": "i", "/a b": "x"}


def menu(files: dict[str, str], conf: str | None = None, **others: str) -> Menu:
    """Return the menu of entry files by name (``+ .conf``)."""
    tree = {f"/loader/entries/{name}.conf": text for name, text in files.items()}
    if conf is not None:
        tree["/loader/loader.conf"] = conf
    path = "/loader/entries" if conf is None else "/loader/loader.conf"
    return bls.read(MemoryRoot({**FILES, **tree, **others}), path)


def one(text: str, name: str = "x") -> Entry:
    (entry,) = menu({name: text}).entries
    return entry


def messages(found: Menu) -> list[str]:
    return [problem.message for problem in found.problems]


def test_every_key() -> None:
    entry = one(
        "# a comment\n  title  Fedora 19 \t\nversion 3.8\nmachine-id " + "a" * 32 + "\n"
        "sort-key fedora\nlinux /linux\ninitrd initrd\ninitrd /initrd\noptions root=UUID=6 quiet\n"
        "options   rw  debug\narchitecture X64\ndevicetree /initrd\nunknown x\nkey-alone\n"
    )
    assert (entry.id, entry.title, entry.kernel) == ("x.conf", "Fedora 19", "/linux")
    assert entry.initrds == ("/initrd", "/initrd")
    assert entry.cmdline == "root=UUID=6 quiet rw  debug"
    assert entry.handover == "initrd=\\initrd initrd=\\initrd root=UUID=6 quiet rw  debug"
    assert (entry.dtb, entry.not_bootable) == ("/initrd", "")
    assert entry.source == "/loader/entries/x.conf"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('title "In quotes"\n', "In quotes"),
        ("title 'x\n", "'x"),
        ('title "\n', "x.conf"),
        ("title\tTab\r\n", "Tab"),
        ("\ufefftitle A mark\n", "A mark"),
        ("title old\ntitle new\n", "new"),
        ("TITLE x\n", "x.conf"),
        ("", "x.conf"),
    ],
)
def test_values_as_the_loader_takes_them(text: str, title: str) -> None:
    assert one(text + "linux /linux").title == title


def test_a_path_with_a_blank_is_one_path_where_it_is_there() -> None:
    entry = one("linux /linux\ninitrd /a b\ninitrd /initrd $tuned_initrd /other")
    assert entry.initrds == ("/a b", "/initrd", "/other")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("efi /EFI/shell.efi", "an EFI program"),
        ("uki-url http://host/x.efi", "comes from the network: http://host/x.efi"),
        ("linux /linux\narchitecture aa64", "for aa64 machines, this is x64"),
    ],
)
def test_what_kexec_cannot_start_says_why(text: str, reason: str) -> None:
    entry = one(text)
    assert reason in entry.not_bootable and entry.handover == ""


def test_what_makes_no_sense_is_left_out_and_reported() -> None:
    found = menu({"a": "title x", "b": "linux /linux\nefi /x", "c": "linux /linux\nefi\n"})
    assert [entry.id for entry in found.entries] == ["c.conf"]
    assert messages(found) == [
        "left out: it has neither linux nor efi",
        "left out: it has both linux and efi",
    ]


def test_what_is_not_passed_on_is_said() -> None:
    found = menu({"x": "linux /linux\ndevicetree-overlay /a /b\nextra /c.cred\nlinux /gone"})
    assert found.facts == {"devicetree-overlay.x.conf": "/a /b", "extra.x.conf": "/c.cred"}
    assert "no file /gone" in messages(found)
    assert "extra is not passed on to the kernel" in messages(found)


def test_only_entry_files_count() -> None:
    entry = "linux /linux"
    names = dict.fromkeys((".hidden", "auto-x", "A", "b.txt"), entry)
    found = menu(names, **{"/loader/entries/c.CONF": entry, "/loader/entries/d.conf/e.conf": entry})
    assert [entry.id for entry in found.entries] == ["c.CONF", "b.txt.conf", "A.conf"]


# -- order


def entry_text(sort_key: str, machine: str, version: str) -> str:
    keys = {"sort-key": sort_key, "machine-id": machine, "version": version}
    return "linux /linux\n" + "".join(f"{key} {text}\n" for key, text in keys.items() if text)


def test_the_order_is_the_specifications() -> None:
    a, b = "a" * 32, "b" * 32
    found = menu(
        {
            "tried+0-3": entry_text("a", a, "9"),
            "plain-6.10": entry_text("", a, "1"),
            "plain-6.9": entry_text("", a, "2"),
            "plain-6.10~rc1": entry_text("", "", ""),
            "k1": entry_text("kk", a, "6.1"),
            "k2": entry_text("kk", a, "6.10"),
            "k3": entry_text("kk", b, "7"),
            "k4": entry_text("kk", "", "1"),
            "k5": entry_text("kk", a, ""),
            "z": entry_text("K", a, "1"),
            "left+3-1": entry_text("zz", a, "1"),
        }
    )
    assert [entry.id.removesuffix(".conf") for entry in found.entries] == [
        *("z", "k4", "k2", "k1", "k5", "k3", "left"),
        *("plain-6.10", "plain-6.10~rc1", "plain-6.9", "tried"),
    ]
    assert found.facts == {
        "tries.left.conf": "3 attempts left, 1 failed",
        "tries.tried.conf": "0 attempts left, 3 failed",
    }


def test_the_same_name_with_other_counts_is_told_apart() -> None:
    found = menu({"x+1-2": "linux /linux", "x+3": "linux /linux", "x+1-1": "linux /linux"})
    assert [(entry.id, entry.source[16:]) for entry in found.entries] == [
        ("x.conf", "x+3.conf"),
        ("x.conf#2", "x+1-1.conf"),
        ("x.conf#3", "x+1-2.conf"),
    ]


# Older first: the specification's own examples, and names that distributions give.
VERSIONS = (
    "~1",
    "",
    "ab",
    "abb",
    "abc",
    "0001",
    "002",
    "12",
    "122",
    "122.9",
    "123~rc1",
    "123",
    "123-a",
    "123-a.1",
    "123-a1",
    "123-3",
    "123-3.1",
    "123^patch1",
    "123^1",
    "123.a-1",
    "123.1-1",
    "123a-1",
    "124",
)


def test_versions_in_their_order() -> None:
    for older, newer in pairwise(VERSIONS):
        assert key(older) < key(newer), (older, newer)
    assert key("1_2") == key("1 2") and key("001.0") == key("1.0")
    assert key("B") < key("a")


def test_rpms_order() -> None:
    for older, newer in [("1.0", "1.0.1"), ("a", "1"), ("1~rc", "1"), ("1.9", "1.10"), ("", "1")]:
        assert key_rpm(older) < key_rpm(newer), (older, newer)
    assert key_rpm("1.0") == key_rpm("1-0")
    assert key_package("m-6.2.9-200.fc38") < key_package("m-6.2.10-100.fc38")
    assert key_package("m-6.2.9-200.fc38") > key_package("m-6.2.9-9.fc38")
    assert key_package("vmlinuz-0-rescue-x") < key_package("6a-6.2-1")


def test_titles_tell_entries_apart() -> None:
    def shown(**files: tuple[str, str]) -> list[str]:
        texts = {
            name: f"linux /linux\ntitle {title}\n{rest}" for name, (title, rest) in files.items()
        }
        return [entry.title for entry in menu(texts).entries]

    assert shown(b=("X", ""), a=("Y", "version 1")) == ["X", "Y"]
    assert shown(b=("X", "version 2"), a=("X", "version 1")) == ["X (2)", "X (1)"]
    same = "version 1\nmachine-id "
    assert shown(b=("X", same + "b" * 32), a=("X", same + "a" * 32)) == [
        "X (1) (bbbbbbbb)",
        "X (1) (aaaaaaaa)",
    ]
    assert shown(b=("X", ""), a=("X", "")) == ["X (b.conf)", "X (a.conf)"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a+3.conf", ("a.conf", Tries(3, 0))),
        ("a+3-1.efi", ("a.efi", Tries(3, 1))),
        ("a+0-3.conf", ("a.conf", Tries(0, 3))),
        ("a+1+2.conf", ("a+1.conf", Tries(2, 0))),
        ("a+x.conf", ("a+x.conf", Tries())),
        ("a+3-.conf", ("a+3-.conf", Tries())),
        ("a+3-1", ("a+3-1", Tries())),
        ("a+99999999999.conf", ("a+99999999999.conf", Tries())),
    ],
)
def test_boot_counts(name: str, expected: tuple[str, Tries]) -> None:
    assert split_tries(name) == expected


# -- loader.conf

THREE = dict.fromkeys(("c-1", "b-lts", "A-2"), "linux /linux")


@pytest.mark.parametrize(
    ("conf", "default", "timeout"),
    [
        ("", "c-1.conf", 0.0),
        ("default b-lts.conf\ntimeout 3", "b-lts.conf", 3.0),
        ("default b-lts", "b-lts.conf", 0.0),
        ("default b-*\n", "b-lts.conf", 0.0),
        ("default a-?.conf", "A-2.conf", 0.0),
        ("default [ab]*", "b-lts.conf", 0.0),
        ("default *-lts", "b-lts.conf", 0.0),
        ("default gone*\ntimeout menu-force", "c-1.conf", None),
        ("default @saved\ntimeout menu-hidden", "c-1.conf", 0.0),
        ("default @other\ntimeout -1", "c-1.conf", 0.0),
        ("timeout 5\ntimeout x\n# default b*\nconsole-mode max", "c-1.conf", 5.0),
    ],
)
def test_loader_conf(conf: str, default: str, timeout: float | None) -> None:
    found = menu(THREE, conf)
    assert (found.default, found.timeout) == (default, timeout)
    assert [entry.id for entry in found.entries if entry.default] == [default]


def test_what_is_wrong_in_loader_conf_is_said() -> None:
    found = menu(THREE, "default @x\ntimeout soon\nauto-entries maybe\neditor no")
    assert [problem.line for problem in found.problems] == [1, 2, 3]
    assert found.facts == {"editor": "no"}
    assert messages(menu(THREE, "default gone*")) == ["default gone*: no entry fits"]


def test_systems_that_systemd_boot_finds_itself() -> None:
    windows = {"/EFI/Microsoft/Boot/bootmgfw.efi": "MZ"}
    found = menu(THREE, "default auto-windows", **windows)
    assert found.default == "auto-windows"
    assert found.default_entry is not None and "firmware" in found.default_entry.not_bootable
    assert len(menu(THREE, "auto-entries no", **windows).entries) == 3


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("a*c", "abc", True),
        ("a*c", "ac", True),
        ("a*c", "ab", False),
        ("*a*b*", "xaxbx", True),
        ("*ab", "aab", True),
        ("a*a", "a", False),
        ("[a-c]x", "bx", True),
        ("[!a]x", "bx", False),
        ("[]]", "]", True),
        ("[a-]", "-", True),
        ("[a", "a", False),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("a\\", "a\\", False),
        ("?", "", False),
        ("", "", True),
        ("*" * 2000 + "x", "y" * 2000, False),
    ],
)
def test_patterns(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


# -- where they lie


def test_a_partition_in_a_folder_of_a_tree() -> None:
    entry = "linux /kernel\ninitrd /linux\n"
    tree = {
        **FILES,
        "/boot/loader/entries/x.conf": entry,
        "/boot/loader/loader.conf": "",
        "/boot/kernel": "",
    }
    (found,) = find_menus(MemoryRoot(tree))
    assert (found.format, found.source) == ("bls", "/boot/loader/loader.conf")
    assert (found.entries[0].kernel, found.entries[0].initrds) == ("/boot/kernel", ("/linux",))


def test_names_on_a_fat_disk() -> None:
    tree = {
        "/LOADER/ENTRIES/X.CONF": "linux /EFI/Linux/k",
        "/LOADER/LOADER.CONF": "timeout 2",
        "/efi/LINUX/K": "",
    }
    for root in (MemoryRoot(tree, True), MemoryRoot(tree)):  # a FAT disk, and a copy of its tree
        (found,) = find_menus(root)
        assert found.timeout == 2
        assert found.entries[0].kernel == "/efi/LINUX/K"


def test_a_single_file() -> None:
    root = MemoryRoot({**FILES, "/x/y.conf": "linux /linux\ntitle Y"})
    assert [entry.title for entry in bls.read(root, "/x/y.conf").entries] == ["Y"]
    assert messages(bls.read(root, "/x/z.conf")) == ["no such file"]
    assert bls.read(root, "/nothing").entries == ()


# -- GRUB


def grub(files: dict[str, str], **variables: str) -> list[Entry]:
    tree = {f"/loader/entries/{name}.conf": text for name, text in files.items()}
    return bls.grub_entries(MemoryRoot(tree), "/loader/entries", variables)[0]


def test_grubs_order_and_variables() -> None:
    text = "title $os ($v)\nlinux /vmlinuz-$v\ninitrd /initramfs-$v.img $tuned_initrd\n"
    found = grub(
        {
            "m-4.9.0-1": text + "options $kernelopts ${more}x $unset",
            "m-4.15.2-300": text,
            "m-0-rescue": "title none",
        },
        os="Fedora",
        v="4",
        kernelopts="root=/dev/a ro",
        more="y",
        default_kernelopts="d",
        early_initrd="ucode.img",
    )
    assert [entry.id for entry in found] == ["m-4.15.2-300", "m-4.9.0-1"]
    new, old = found
    assert (new.title, new.kernel, new.cmdline) == ("Fedora (4)", "/vmlinuz-4", "d")
    assert new.initrds == ("/ucode.img", "/initramfs-4.img")
    assert old.cmdline == "root=/dev/a ro yx"
    assert old.source == "/loader/entries/m-4.9.0-1.conf"


def test_grub_lists_a_version_once_and_marks_protected_entries() -> None:
    found = grub({"m-1-1": "linux /a\ngrub_users $u", "m-1.0-1": "linux /b", "m-1_0-1": "linux /c"})
    assert [entry.kernel for entry in found] == ["/b", "/a"]
    assert not any(entry.protected for entry in found)
    assert grub({"m": "linux /a\ngrub_users $u"}, u="root")[0].protected
    assert not grub({"m": 'linux /a\ngrub_users ""'})[0].protected


def test_variables_cannot_blow_up() -> None:
    assert len(expand("$a" * 30000, {"a": "x" * 60000})) <= 65536


# -- hostile


def test_hostile_folders() -> None:
    nasty = {
        "/loader/entries/a.conf": b"\xff\xfe title \x1b[2J\0linux /linux\n",
        "/loader/entries/b.conf": b"linux " + b"../" * 1000 + b"linux\n",
        "/loader/entries/c.conf": b"x" * 70000,
        "/loader/entries/d.conf": b"\xfflinux /linux\ntitle \xc3\xa4\xff",
        "/loader/entries/e.conf": b"initrd /i\n" * 500 + b"linux /linux",
        "/loader/loader.conf": b"\0" * 1000,
    }
    found = bls.read(MemoryRoot({**FILES, **nasty}), "/loader/loader.conf")
    assert [entry.id for entry in found.entries] == ["e.conf", "d.conf", "b.conf"]
    assert [entry.title for entry in found.entries] == ["e.conf", "ä", "b.conf"]
    assert len(found.entries[0].initrds) == limits.INITRDS
    assert found.entries[2].kernel == "/linux"
    assert "larger than 64.0 KiB: not an entry file" in messages(found)


def test_too_many_entries() -> None:
    files = {f"e{number}": "linux /linux\nsort-key k\n" for number in range(ENTRY_FILES + 50)}
    found = menu(files)
    assert len(found.entries) == ENTRY_FILES
    assert any("the rest is left out" in message for message in messages(found))


def test_a_real_folder_of_traps(tmp_path: Path) -> None:
    """A FIFO, devices of links, a loop, a long line: nothing hangs, nothing leads out."""
    (tmp_path / "secret").write_text("linux /secret\n")
    entries = tmp_path / "root" / "loader" / "entries"
    entries.mkdir(parents=True)
    os.mkfifo(entries / "fifo.conf")
    os.mkfifo(tmp_path / "root" / "pipe")
    (entries / "out.conf").symlink_to("../../../secret")
    (entries / "loop.conf").symlink_to("loop.conf")
    (entries / "zero.conf").symlink_to("/dev/zero")
    (entries / "good.conf").write_text("linux /pipe\ninitrd ../../../secret\ntitle \x1b[2J\n")
    (entries / "long.conf").write_bytes(b"options " + b"x" * (1 << 20))
    (tmp_path / "root" / "loader" / "loader.conf").symlink_to("/etc/passwd")
    found = bls.read(DirectoryRoot(str(tmp_path / "root")), "/loader/loader.conf")
    (entry,) = found.entries
    assert (entry.id, entry.kernel, entry.initrds) == ("good.conf", "/pipe", ("/secret",))
    assert "no file /pipe" in messages(found)
    assert any("larger than" in message for message in messages(found))
    assert any("loop" in message for message in messages(found))


def test_hostile_folders_are_read_in_time(tmp_path: Path) -> None:
    entries = tmp_path / "loader" / "entries"
    entries.mkdir(parents=True)
    text = f"linux /k\nsort-key k\nversion {'1a' * 9000}\n"
    for number in range(600):
        (entries / f"{'1.' * 100}{number}.conf").write_text(text)
    start = time.process_time()
    found = bls.read(DirectoryRoot(str(tmp_path)), "/loader/entries")
    assert len(found.entries) > 100
    assert time.process_time() - start < 10  # half a second where nothing else runs


def test_what_is_beyond_the_limit_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder is listed once, and files beyond the limit are not even looked at."""
    folder = tmp_path / "loader/entries"
    folder.mkdir(parents=True)
    for number in range(3 * ENTRY_FILES):  # none of them is an entry file
        os.symlink("nowhere", folder / f"e{number:05}.conf")
    (folder / "e00000.conf").unlink()
    (folder / "e00000.conf").write_text("linux /linux\n")
    os.utime(folder, (1, 1))  # has not changed for long
    listed: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda fd: [listed.append("x"), scandir(fd)][1])
    root = DirectoryRoot(str(tmp_path), ignores_case=True)
    found = bls.read(root, "/LOADER/entries")
    assert [entry.id for entry in found.entries] == ["e00000.conf"]
    assert f"more than {ENTRY_FILES} entry files: the rest is left out" in messages(found)
    # The missing ones are listed for the hint, nothing else is.
    assert len(listed) < 4 * ENTRY_FILES


def test_a_folder_that_changes_is_listed_again(tmp_path: Path) -> None:
    root = DirectoryRoot(str(tmp_path), ignores_case=True)
    (tmp_path / "One").write_text("1")
    os.utime(tmp_path, (1, 1))
    assert (facts := root.stat("/one")) and facts.path == "/One"
    (tmp_path / "Two").write_text("2")
    assert (facts := root.stat("/TWO")) and facts.path == "/Two"
    (tmp_path / "Three").write_text("3")
    assert (facts := root.stat("/three")) and facts.path == "/Three"
