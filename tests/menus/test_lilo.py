"""lilo.conf and elilo.conf: what they say, and what the kernel is handed."""

from __future__ import annotations

import pytest
from loaders import SDA2, Tree, two_disks

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import lilo

PATH = "/etc/lilo.conf"


def read(text: str | bytes, path: str = PATH) -> Menu:
    return lilo.read(MemoryRoot({path: text, "/k": "k", "/i": "i"}), path)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


def image(text: str, general: str = "") -> Entry:
    return only(read(f"{general}\nimage=/k\n label=x\n{text}\n"))


def test_an_entry_has_all_its_parts() -> None:
    menu = read(
        'boot=/dev/sda  # the disk\nprompt\ntimeout=50\nread-only\nappend="a  b"\n'
        "image = /k\n  label = Linux\n  root = /dev/sda1\n  initrd = /i\n"
    )
    assert (menu.format, menu.default, menu.timeout, menu.problems) == ("lilo", "Linux", 5.0, ())
    assert only(menu) == Entry(
        id="Linux",
        title="Linux",
        kernel="/k",
        initrds=("/i",),
        cmdline="ro root=/dev/sda1 a  b",
        boot_image="Linux",
        handover="auto BOOT_IMAGE=Linux ro root=/dev/sda1 a  b",
        default=True,
        source=PATH,
    )


@pytest.mark.parametrize(
    ("text", "general", "cmdline"),
    [
        ("", "", ""),
        ("read-write", "read-only", "ro rw"),
        ("append=b", "append=a", "b"),
        ("addappend=b", "append=a", "a b"),
        ("append=c\naddappend=b", "append=a", "c b"),
        ('append=""', "append=a", ""),
        ('literal="c d"\nappend=b\nread-only', "root=/dev/x", "c d"),
        ("root=UUID=12", "root=/dev/x", "root=UUID=12"),
        ('root="LABEL=my disk"', "", "root=LABEL=my disk"),
        ("ramdisk=0", "", "ramdisk=0"),
        ("vga=791", "vga=ask", ""),
        ('READ-ONLY\nAppend = "x"', "", "ro x"),
        ('append="a \\"q\\" \\\n   b\\\\c"', "", 'a "q"  b\\c'),
        ("append=a\\ b", "", "a b"),
        ("append=a#b", "", "a"),
        ("root=current", "", ""),
    ],
)
def test_options_come_in_lilos_order(text: str, general: str, cmdline: str) -> None:
    assert image(text, general).cmdline == cmdline


@pytest.mark.parametrize(
    ("text", "timeout"),
    [
        ("", 0.0),
        ("timeout=50", 0.0),
        ("delay=20", 2.0),
        ("prompt", None),
        ("prompt\ntimeout=50\ndelay=20", 5.0),
        ("prompt\ntimeout=x", None),
    ],
)
def test_timeout_counts_after_prompt_and_delay_without(text: str, timeout: float | None) -> None:
    assert read(f"{text}\nimage=/k\n").timeout == timeout


def test_the_default_is_a_label_or_alias_in_any_case_else_the_first() -> None:
    images = "image=/k\nimage=/k\nlabel=two\nalias=Deux\n"
    assert read(images).default == "k", "without a label the file's name is it"
    assert read(f"default=TWO\n{images}").default == "two"
    assert read(f"default=deux\n{images}").default == "two"
    menu = read(f"default=three\n{images}")
    assert menu.default == "k"
    assert "there is no such label" in str(menu.problems[0])


def test_auto_is_said_to_what_starts_unattended_only() -> None:
    menu = read("default=b\nimage=/k\nlabel=a\nimage=/k\nlabel=b\n")
    assert [entry.handover for entry in menu.entries] == ["BOOT_IMAGE=a", "auto BOOT_IMAGE=b"]


@pytest.mark.parametrize(
    ("general", "text", "protected"),
    [
        ("", "", False),
        ("password=x", "", True),
        ("password=x", "bypass", False),
        ("password=x\nrestricted", "", False),
        ("password=x\nrestricted", "mandatory", True),
        ("", 'password=""', True),
        ("", "password=x\nrestricted", False),
    ],
)
def test_passwords(general: str, text: str, protected: bool) -> None:
    assert image(text, general).protected is protected


def test_passwords_are_those_of_entries() -> None:
    menu = read(
        "password=all\nimage=/k\n label=a\n password=own\nimage=/k\n label=a\n"
        "image=/k\n label=b\n bypass\n"
    )
    assert menu.passwords == {"a": "own", "a#2": "all", "": "all"}
    assert [entry.users for entry in menu.entries] == [("a",), ("a#2",), ()]


ONE, TWO = "image=/k\n label=a\n", "image=/k\n label=b\n"
LOCAL = "other=/dev/sda1\n label=dos\n"


@pytest.mark.parametrize(
    ("text", "guarded", "superusers"),
    [
        (f"password=x\n{ONE}", True, ("",)),
        (f"password=x\nrestricted\n{ONE}{TWO}", True, ("",)),
        (f"password=x\n{ONE} password=own\n{TWO} bypass\n", True, ("",)),
        (f'password=""\nrestricted\n{ONE}', True, ()),
        (f"{ONE} password=x\n restricted\n", True, ("a",)),
        (f"restricted\n{ONE} password=x\n{TWO} password=y\n{LOCAL}", True, ("a", "b")),
        (f"restricted\n{ONE} password=x\n{TWO}", False, ()),
        (f"restricted\n{ONE}", False, ()),
        (LOCAL, False, ()),
    ],
)
def test_passwords_guard_the_menu(text: str, guarded: bool, superusers: tuple[str, ...]) -> None:
    """`restricted` images start freely, and no words are added to their command lines."""
    menu = read(text)
    assert (menu.guarded, menu.superusers) == (guarded, superusers)
    assert set(superusers) <= set(menu.passwords)


def test_other_systems_are_listed_with_the_reason() -> None:
    menu = read("other=/dev/sda1\n label=dos\n table=/dev/sda\nimage=/dev/fd0\n range=1-512\n")
    assert (menu.entries[0].id, menu.entries[0].kernel) == ("dos", "")
    assert "BIOS" in menu.entries[0].not_bootable
    assert "raw sectors" in menu.entries[1].not_bootable


def test_settings_of_disks_may_repeat() -> None:
    menu = read("disk=/dev/sda\nbios=0x80\ndisk=/dev/sdb\nbios=0x81\nprompt\nimage=/k\n")
    assert menu.problems == () and menu.timeout is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('append="x\nimage=/k\n', "1: a quote that does not end on its line"),
        ('image=/k\nappend="x', "2: a quote that does not end"),
        ("image=/k\nappend=", "a value is missing"),
        ("=x\nimage=/k\n", "1: a value without a name"),
        ("image=/k\nlabel=a\nlabel=b\n", "3: label is given twice"),
        ("image=/none\n", "no file /none"),
    ],
)
def test_mistakes_are_told_and_the_rest_is_read(text: str, problem: str) -> None:
    menu = read(text)
    assert len(menu.entries) == 1
    assert problem in "\n".join(map(str, menu.problems))


def test_a_boot_filesystem_of_its_own_is_found_by_fstab() -> None:
    fstab = "# x\nUUID=11-AA /boot ext4 ro 0 0\n/dev/sda2 / ext4 rw 0 0\njunk\n"
    own: Tree = {PATH: "image=/boot/k\ninitrd=/boot/i\n", "/etc/fstab": fstab}
    disks = two_disks(SDA2, {"/dev/sda2": own, "/dev/sda1": {"/k": "k", "/i": "i"}})
    entry = only(lilo.read(MemoryRoot(own), PATH, disks=disks))
    assert (entry.kernel, entry.initrds) == ("/dev/sda1:/k", ("/dev/sda1:/i",))


def test_elilo() -> None:
    path = "/EFI/elilo/elilo.conf"
    menu = read(
        'prompt\ntimeout=50\ndefault=b\nappend="g"\nimage=vmlinuz\n label=a\n read-only\n'
        " append=root=/dev/x\n root=UUID=1\n initrd=initrd\n"
        'image=\\\\EFI\\\\k\n label=b\n description="The B"\n',
        path,
    )
    first, second = menu.entries
    assert (menu.format, menu.default, menu.timeout) == ("elilo", "b", 5.0)
    assert (first.kernel, first.initrds) == ("/EFI/elilo/vmlinuz", ("/EFI/elilo/initrd",))
    assert first.handover == "BOOT_IMAGE=vmlinuz root=UUID=1  root=/dev/x ro"
    assert (second.title, second.kernel, second.cmdline) == ("The B", "/EFI/k", "g")
    assert read("delay=20\nimage=k\nlabel=a\n", path).timeout == 2.0
    assert "vmm" in read("image=k\nlabel=a\nvmm=xen.gz\n", path).entries[0].not_bootable


@pytest.mark.parametrize("where", ["general", "section"])
def test_an_optional_image_that_is_missing_is_left_out(where: str) -> None:
    first, second = ("optional\n", "") if where == "general" else ("", "optional\n")
    text = f"default=b\n{first}image=/gone\nlabel=a\n{second}image=/k\nlabel=b\n{second}"
    root = MemoryRoot({PATH: text, "/k": "k"})
    menu = lilo.read(root, PATH)
    assert ([entry.id for entry in menu.entries], menu.default) == (["b"], "b")
    messages = [problem.message for problem in menu.problems]
    assert messages == ["a: left out, it is optional and there is no file /gone"]
