"""iPXE scripts: run once for each choice, on a machine that is made up."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import ipxe

PATH = "/boot/menu.ipxe"


def read(script: str, /, **files: str) -> Menu:
    """Read a script beside `files`; in their names ``__`` is a slash, ``_`` a dot."""
    tree = {PATH: "#!ipxe\n" + script}
    for name, content in files.items():
        name = name.replace("__", "/").replace("_", ".")
        tree[name if name.startswith("/") else f"/boot/{name}"] = content
    return ipxe.read(MemoryRoot(tree), PATH)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, (menu.entries, menu.problems)
    return menu.entries[0]


def cmdline(script: str) -> str:
    return only(read(script)).cmdline


def test_a_plain_script() -> None:
    menu = read(
        "kernel --name linux vmlinuz root=x  ro\ninitrd a.img\ninitrd /b.img\nboot\n",
        vmlinuz="k",
        a_img="i",
        __b_img="i",
    )
    assert (menu.format, menu.default, menu.timeout, menu.problems) == ("ipxe", "vmlinuz", 0, ())
    assert only(menu) == Entry(
        id="vmlinuz",
        title="vmlinuz",
        kernel="/boot/vmlinuz",
        initrds=("/boot/a.img", "/b.img"),
        cmdline="root=x ro",
        handover="root=x ro",
        default=True,
        source=PATH,
    )


MENU = (
    "set menu-timeout 5000\n:start\nmenu Boot \x1b[1mit\x1b[0m\nitem --gap -- Linux\n"
    "item --key a  one  The first\nitem two\nitem sub More ...\nitem off Switch off\n"
    "choose --timeout ${menu-timeout} --default two selected || goto cancel\n"
    "goto ${selected}\n"
    ":one\nkernel k1 a\nboot || goto start\n"
    ":two\nkernel k2 b\nboot\n"
    ":sub\nmenu More\nitem three Third\nitem start Back\nchoose x && goto ${x}\n"
    ":three\nkernel k3\nboot\n:off\npoweroff\n:cancel\nshell\n"
)


def test_a_menu_with_another_below_it() -> None:
    menu = read(MENU)
    assert (menu.title, menu.timeout, menu.default) == ("Boot it", 5.0, "two")
    assert [(e.id, e.title, e.kernel, e.parents) for e in menu.entries] == [
        ("one", "The first", "/boot/k1", ()),
        ("two", "two", "/boot/k2", ()),
        ("three", "Third", "/boot/k3", ("More ...",)),
        ("off", "Switch off", "", ()),
    ]
    assert menu.entries[3].not_bootable == "switches the machine off"


def test_a_menu_of_settings_leads_back_to_itself_and_ends() -> None:
    script = (
        "set con tty0\n:menu\nmenu M\nitem con Console ${con}\nitem go Go\nchoose x\n"
        "goto ${x}\n:con\nmenu C\nitem tty0\nitem ttyS0\nchoose con || goto menu\ngoto menu\n"
        ":go\nkernel k console=${con}\nboot\n"
    )
    assert cmdline(script) == "console=tty0"
    assert read(script).timeout is None


def test_one_submenu_for_several_choices_is_followed_for_each() -> None:
    menu = read(
        "menu V\nitem 9 Nine\nitem 8 Eight\nchoose v\nmenu T\nitem i Install\nitem r Rescue\n"
        "choose t\nkernel k v=${v} t=${t}\nboot\n"
    )
    assert [entry.cmdline for entry in menu.entries] == ["v=9 t=i", "v=9 t=r", "v=8 t=i"]


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("set a x y\nkernel k ${a} b", "x y b"),
        ("set a b\nset ab c\nkernel k ${${a}b}x", "x"),
        ("set a b\nset b c\nkernel k ${${a}}", "c"),
        ("kernel k a${none}b ${", "ab ${"),
        ("set e:hex 41:42\nkernel k ${e:string} ${e:hex} ${e:hexraw} ${e}", "AB 41:42 4142 41:42"),
        ("set e:hex 41\nset e x\nkernel k ${e}", "x"),
        ("set Upper 1\nkernel k a${upper}", "a"),
        ("kernel k a#b # c", "a#b"),
        ("iseq a a && iseq a b || kernel k fallback", "fallback"),
        ("iseq a b && kernel k 1 && kernel k 2 || kernel k 3", "3"),
        ("set a x/y z\nkernel k ${a:uristring}", "x%2Fy%20z"),
        ("set a 1\nset a\nisset ${a} && kernel k set || kernel k unset", "unset"),
        ("set a 1\nclear a\nisset ${a} && kernel k set || kernel k unset", "unset"),
        ("set a 1\nisset ${a} && kernel k set || kernel k unset", "set"),
        ("iseq a a && iseq a b || kernel k no", "no"),
        ("iseq a b && kernel k no ||\nkernel k yes", "yes"),
        ("set n 5\ninc n 3\ninc n\nkernel k ${n}", "9"),
        ("kernel k a # comment", "a"),
        ("kernel k a \\\n  b", "a b"),
        ("goto x\nkernel k no\nboot\n:x kernel k yes", "yes"),
        ("goto none ||\nkernel k yes", "yes"),
        ("iseq ${platform} efi && kernel k efi || kernel k bios", "efi"),
        ("cpuid --ext 29 && kernel k 64 || kernel k 32", "64"),
        ("prompt --key 0x02 --timeout 2000 Press && kernel k key || kernel k none", "none"),
        ("kernel k old\nimgargs k new one", "new one"),
        ("kernel k old\nboot k given", "given"),
        ("kernel a x\nimgfree\nkernel k y", "y"),
        ("kernel k\nimgselect k z", "z"),
        ("chain k q", "q"),
        ("boot k r", "r"),
    ],
)
def test_commands(script: str, line: str) -> None:
    assert cmdline(script) == line


def test_an_error_ends_the_script() -> None:
    menu = read("iseq a b\nkernel k\nboot\n")
    assert menu.entries == ()
    assert read("frobnicate\n").problems[0].message == "frobnicate: iPXE has no such command"


def test_a_kernel_that_is_never_booted_is_listed_all_the_same() -> None:
    assert only(read("kernel k\ninitrd i\n")).initrds == ("/boot/i",)


def test_another_script_is_gone_into() -> None:
    script = "set who me\nchain sub/a.ipxe || goto failed\nkernel k back\nboot\n:failed\n"
    menu = read(script, sub__a_ipxe="#!ipxe\nset who you\nkernel x ${who}\nboot\n")
    assert (only(menu).kernel, only(menu).cmdline) == ("/boot/sub/x", "you")
    assert only(menu).source == "/boot/sub/a.ipxe"
    menu = read(script, sub__a_ipxe="#!ipxe\nset who you\nexit\n")
    assert only(menu).cmdline == "back"
    menu = read(script.replace("chain", "chain --replace"), sub__a_ipxe="#!ipxe\nexit\n")
    assert menu.entries == ()
    assert read(script).entries == (), "a script that is not there is a failure"
    loop = read("chain menu.ipxe || \nkernel k\nboot\n")
    assert len(loop.entries) <= 1


def test_what_comes_from_the_network() -> None:
    entry = only(read("kernel http://h/k a\ninitrd http://h/i,j\nboot\n"))
    assert entry.kernel == "http://h/k"
    assert entry.initrds == ("http://h/i", "/boot/j")
    assert entry.not_bootable == "comes from the network: http://h/k"
    menu = read("chain http://h/update ||\nmenu\nitem a Web\nchoose x\nchain http://h/${x}\n")
    assert only(menu).not_bootable == "goes on from the network: http://h/a"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kernel memdisk raw\ninitrd x.iso", "memdisk"),
        ("kernel wimboot", "Windows PE"),
        ("kernel shellx64.efi", "EFI program"),
        ("menu\nitem a\nchoose x\nsanboot --drive 0x80", "sanboot"),
        ("menu\nitem a\nchoose x\nexit", "leaves iPXE"),
        ("menu\nitem a\nchoose x\nshell", "own shell"),
        ("menu\nitem a\nchoose x\nreboot", "restarts"),
    ],
)
def test_what_kexec_cannot_start_is_listed_with_the_reason(script: str, reason: str) -> None:
    assert reason in only(read(script)).not_bootable


@pytest.mark.parametrize("text", ["", "kernel k\nboot\n", "#!ipxefoo\nkernel k\n", "#!/bin/sh\n"])
def test_a_file_that_is_no_script(text: str) -> None:
    assert ipxe.read(MemoryRoot({PATH: text}), PATH).entries == ()


def test_loops_end() -> None:
    menu = read(":a\ngoto a\n")
    assert "does not end" in menu.problems[0].message
    assert len(grid(100).entries) == 199
    assert "too many ways" in grid(400).problems[-1].message


def grid(size: int) -> Menu:
    """Read two menus, one behind the other, of `size` items each."""
    items = "".join(f"item i{number}\n" for number in range(size))
    return read(f"menu M\n{items}choose x\nmenu N\n{items}choose y\nkernel k ${{x}}${{y}}\nboot\n")
