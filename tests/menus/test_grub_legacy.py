"""The GRUB legacy reader, command by command (stage2/stage2.c, cmdline.c, builtins.c)."""

from __future__ import annotations

import pytest
from loaders import SDA1, SDA2, SDB1, Tree, two_disks

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import grub_legacy

PATH = "/boot/grub/menu.lst"


def read(text: str | bytes, /, **files: str) -> Menu:
    """Read a menu beside `files`; in their names ``__`` is a slash, ``_`` a dot."""
    tree: dict[str, str | bytes] = {PATH: text}
    for name, content in files.items():
        tree[name.replace("__", "/").replace("_", ".")] = content
    return grub_legacy.read(MemoryRoot(tree), PATH)


def across(text: str, **trees: Tree) -> Entry:
    """Return the one entry of a menu on /dev/sda1 of a machine with two disks."""
    files = {f"/dev/{name}": tree for name, tree in trees.items()}
    files["/dev/sda1"] = {PATH: text, **files.get("/dev/sda1", {})}
    menu = grub_legacy.read(MemoryRoot(files["/dev/sda1"]), PATH, disks=two_disks(SDA1, files))
    return only(menu)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


def test_an_entry_has_all_its_parts() -> None:
    menu = read(
        "default 0\ntimeout 5\n\ntitle\t  Linux, old \nroot (hd0,0)\n"
        "kernel --type=linux /vmlinuz root=/dev/sda1  ro vga=773 \ninitrd /initrd.img\n",
        __vmlinuz="k",
        __initrd_img="i",
    )
    assert (menu.format, menu.source, menu.default, menu.timeout) == ("grub-legacy", PATH, "0", 5)
    assert menu.problems == ()
    assert only(menu) == Entry(
        id="0",
        title="Linux, old",
        kernel="/vmlinuz",
        initrds=("/initrd.img",),
        cmdline="root=/dev/sda1  ro vga=773 ",
        handover="root=/dev/sda1  ro vga=773 ",
        default=True,
        source=PATH,
    )


@pytest.mark.parametrize(
    ("text", "cmdline"),
    [
        ("kernel=/k a=b", "a=b"),
        ("kernel = /k  a", "a"),
        ("kernel\t/k\ta\tb", "a b"),
        ("kernel /k a\r", "a"),
        ("kernel /k a \\\nb", "a  b"),
        ("kernel /k a # b", "a # b"),
        ("  kernel /k a", "a"),
        ("KERNEL /x\nkernel /k a", "a"),
        ("kernel /x b\nkernel /k a", "a"),
        ("kernel /k a\nboot\nkernel /x b", "a"),
    ],
)
def test_lines_are_cut_as_grub_cuts_them(text: str, cmdline: str) -> None:
    entry = only(read(f"title x\n{text}\n", __k="k"))
    assert (entry.kernel, entry.cmdline) == ("/k", cmdline)


def test_comments_stand_at_a_lines_beginning_only() -> None:
    menu = read("# default 1\n   # title no\ntitle a # b\nkernel /k\n")
    assert [entry.title for entry in menu.entries] == ["a # b"]


def test_a_title_without_a_known_command_is_no_entry() -> None:
    menu = read("title ----\ntitle none\nwhat is this\ntitle x\nkernel /k\ntitle last\n")
    assert [(entry.id, entry.title) for entry in menu.entries] == [("0", "x")]
    assert any("what: GRUB has no such command" in str(problem) for problem in menu.problems)


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("", "0"),
        ("default 1", "1"),
        ("default=1", "1"),
        ("default 0x1", "1"),
        ("default 1st", "1"),
        ("default 0x", "0"),
        ("default saved", "1"),
        ("default 7", "0"),
        ("default x", "0"),
        ("default", "0"),
        ("default 1\ndefault 0", "0"),
    ],
)
def test_the_default(text: str, default: str) -> None:
    entries = "title a\nkernel /k\ntitle b\nkernel /k\n"
    menu = read(f"{text}\n{entries}default 1\n", __boot__grub__default="1\n#####\n#####\n")
    assert menu.default == default
    assert [entry.id for entry in menu.entries if entry.default] == [default]


@pytest.mark.parametrize(("text", "timeout"), [("", None), ("timeout 0", 0), ("timeout=30", 30)])
def test_the_timeout(text: str, timeout: float | None) -> None:
    assert read(f"{text}\nhiddenmenu\ntitle a\nkernel /k\n").timeout == timeout


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("title a\nkernel /none\ntitle b\nkernel /k\n", "1"),
        ("title a\nkernel /none\ntitle b\nkernel /none\ntitle c\nkernel /k\n", "2"),
        ("title a\nroot (zz)\nkernel /k\ntitle b\nkernel /k\n", "1"),
        ("title a\nkernel /k\ntitle b\nkernel /k\n", "0"),
        ("title a\nkernel /none\n", "0"),
        ("title a\nchainloader +1\ntitle b\nkernel /k\n", "0"),
    ],
)
def test_where_the_default_fails_the_fallback_starts(text: str, default: str) -> None:
    menu = read(f"fallback 1  2\n{text}", __k="k")
    assert (menu.facts, menu.default) == ({"fallback": "1 2"}, default)


@pytest.mark.parametrize(
    ("text", "protected"),
    [
        ("title x\nkernel /k\n", False),
        ("password --md5 $1$x\ntitle x\nkernel /k\n", False),
        ("password --md5 $1$x\ntitle x\nlock\nkernel /k\n", True),
        ("title x\nlock\nkernel /k\n", False),
        ("title x\npassword secret\nkernel /k\n", True),
    ],
)
def test_passwords(text: str, protected: bool) -> None:
    assert only(read(text)).protected is protected


def test_a_password_guards_the_menu() -> None:
    menu = read("password --md5 $1$x\ntitle x\nkernel /k\n")
    assert (menu.guarded, menu.superusers, menu.passwords) == (True, ("",), {"": "$1$x"})
    assert read("password secret /boot/other.lst\ntitle x\nkernel /k").passwords == {"": "secret"}
    own = read("title x\npassword secret\nkernel /k\n")
    assert (own.guarded, own.passwords, only(own).users) == (False, {"0": "secret"}, ("0",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rootnoverify (hd0,0)\nmakeactive\nchainloader +1", "chainloader"),
        ("reboot", "restarts"),
        ("halt", "off"),
        ("root (hd0,0)\nsetup (hd0)", "installs GRUB"),
        ("root (nd)\nkernel /k", "network"),
        ("kernel (nd)/k", "network"),
        ("kernel /boot/memdisk\ninitrd /dos.img", "memdisk"),
        ("pause", "no kernel"),
        ("root hd0\nkernel /k", "names no device"),
        ("root (zz1)\nkernel /k", "no disk that GRUB knows"),
    ],
)
def test_what_kexec_cannot_start_is_listed_with_the_reason(text: str, reason: str) -> None:
    entry = only(read(f"title x\n{text}\n"))
    assert reason in entry.not_bootable
    assert entry.handover == ""


def test_modules_keep_their_arguments() -> None:
    entry = only(read("title x\nkernel /xen.gz a  b\nmodule /vmlinuz c  d\nmodule /initrd\n"))
    assert (entry.kernel, entry.cmdline) == ("/xen.gz", "a  b")
    assert entry.modules == ("/vmlinuz c  d", "/initrd")
    assert entry.rebased("/mnt").modules == ("/mnt/vmlinuz c  d", "/mnt/initrd")


def test_a_second_menu_is_listed_below_its_entry() -> None:
    menu = read(
        "default 1\ntitle a\nkernel /k\ntitle more\nconfigfile /boot/grub/more.lst\n",
        __boot__grub__more_lst="default 1\ntitle b\nkernel /k\ntitle back\n"
        "configfile /boot/grub/menu.lst\n",
    )
    assert [(entry.id, entry.title, entry.parents) for entry in menu.entries] == [
        ("0", "a", ()),
        ("1>0", "b", ("more",)),
        ("1>1", "back", ("more",)),
    ]
    assert "shows the menu" in menu.entries[2].not_bootable
    assert menu.default == "1>1"


def test_the_disk_of_the_menu_is_the_first() -> None:
    entry = across("title x\nroot (hd0,1)\nkernel /k\n", sda2={"/k": "k"})
    assert entry.kernel == "/dev/sda2:/k"
    entry = across("title x\nroot (hd1,0)\nkernel /k\ninitrd (hd0,0)/i\n", sdb1={"/k": "k"})
    assert (entry.kernel, entry.initrds) == ("/dev/sdb1:/k", ("/i",))
    entry = across("title x\nkernel /k\n", sda1={"/k": "k"})
    assert entry.kernel == "/k"


def test_numbers_that_lead_nowhere() -> None:
    for name in ("hd0,6", "hd1,4", "hd3,2"):  # errors 21 and 22, whatever the menu's own has
        entry = across(f"title x\nroot ({name})\nkernel /k\n", sda1={"/k": "k"})
        assert entry.not_bootable == f"({name}) is no partition of this machine"
        entry = across(f"title x\nkernel ({name})/k\n", sda1={"/k": "k"})
        assert entry.not_bootable == f"({name}) is no partition of this machine"
    assert "BSD" in across("title x\nroot (hd0,0,a)\nkernel /k\n").not_bootable
    assert "floppy" in across("title x\nroot (fd0)\nkernel /k\n").not_bootable


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("hd0,0 hd0,0", ""),
        ("hd0,1", ""),
        ("hd1,0 hd3,2 hd1,0", "(hd1,0)"),
        ("hd0,0 hd0,4 hd2,1", "(hd0,4)"),
    ],
)
def test_without_disks_names_are_taken_for_the_own_one(names: str, said: str) -> None:
    text = "".join(f"title {n}\nroot ({n})\nkernel /k\n" for n in names.split())
    menu = read(text, __k="k")
    assert {entry.not_bootable for entry in menu.entries} == {""}
    messages = [problem.message for problem in menu.problems]
    assert messages == ([f"{said} is taken to be the menu's own disk"] if said else [])


def test_device_map_counts_where_the_order_of_the_bios_leads_to_no_file() -> None:
    tree = {"/boot/grub/device.map": "(fd0)\t/dev/fd0\n(hd0)\t/dev/sdb\njunk\n"}
    text = "title x\nroot (hd0,0)\nkernel /k\n"
    assert across(text, sda1=tree, sdb1={"/k": "k"}).kernel == "/dev/sdb1:/k"
    both = across(text, sda1={**tree, "/k": "k"}, sdb1={"/k": "k"})
    assert both.kernel == "/k", "the disk that GRUB was started from"


def test_uuid_and_find() -> None:
    entry = across("title x\nuuid 22-bb\nkernel /k\n", sda2={"/k": "k"})
    assert entry.kernel == "/dev/sda2:/k"
    assert "no filesystem has" in across("title x\nuuid dead\nkernel /k\n").not_bootable
    entry = across(
        "title x\nfind --set-root --ignore-floppies /live/mark\nkernel /k\n",
        sdb1={"/live/mark": "", "/k": "k"},
    )
    assert entry.kernel == "/dev/sdb1:/k"
    assert {SDA1.path, SDA2.path, SDB1.path} == {"/dev/sda1", "/dev/sda2", "/dev/sdb1"}


def test_variables_of_grub4dos() -> None:
    entry = only(read("set name=KLV\ntitle %name% live\nkernel /k root=%name% 5%\n"))
    assert (entry.title, entry.cmdline) == ("KLV live", "root=KLV 5%")


def test_root_alone_changes_nothing() -> None:
    """GRUB shows which device it is, and goes on."""
    entry = only(read("title x\nroot\nkernel /k ro\n", __k="k"))
    assert (entry.kernel, entry.cmdline, entry.not_bootable) == ("/k", "ro", "")
