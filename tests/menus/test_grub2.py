"""The GRUB 2 reader: what becomes an entry, from where, and what stays a problem."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Device
from kxsh.menus import grub2
from kxsh.menus.disks import MachineDisks
from kxsh.menus.grub2 import envblock, handover, numbers
from kxsh.menus.grub2.expressions import BadExpression, search
from kxsh.menus.search import find_menus, read_machine_menus

PATH = "/boot/grub/grub.cfg"
BLOCK = "# GRUB Environment Block\n"


def read(text: str, **files: bytes | str) -> Menu:
    """Read a configuration; further files are named ``boot_x`` for ``/boot/x``."""
    tree: dict[str, bytes | str] = {PATH: text}
    tree |= {"/" + name.replace("_", "/"): data for name, data in files.items()}
    return grub2.read(MemoryRoot(tree), PATH)


def only(text: str, **files: bytes | str) -> Entry:
    menu = read(text, **files)
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


def messages(menu: Menu) -> list[str]:
    return [str(problem) for problem in menu.problems]


# -- entries


def test_an_entry_has_what_its_body_loads() -> None:
    entry = only(
        "menuentry 'Debian' --class debian --id deb --hotkey d {\n"
        "  linux /boot/vmlinuz root=/dev/sda1 ro\n"
        "  initrd /boot/a /boot/b\n"
        "  devicetree /boot/x.dtb\n}\n"
    )
    assert (entry.id, entry.title, entry.hotkey) == ("deb", "Debian", "d")
    assert entry.kernel == "/boot/vmlinuz"
    assert entry.initrds == ("/boot/a", "/boot/b")
    assert entry.dtb == "/boot/x.dtb"
    assert entry.cmdline == "root=/dev/sda1 ro"
    assert entry.handover == "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro"
    assert entry.source == PATH and not entry.not_bootable


@pytest.mark.parametrize("suffix", ["", "16", "efi"])
def test_the_commands_of_all_platforms_load(suffix: str) -> None:
    entry = only(f"menuentry x {{ linux{suffix} /k a; initrd{suffix} /i; }}")
    assert (entry.kernel, entry.initrds, entry.cmdline) == ("/k", ("/i",), "a")


def test_words_are_quoted_as_grub_hands_them_over() -> None:
    entry = only('menuentry x { v="two=\'x y\'"; linux /k one="a b" $v \'q"\' c:\\\\d \\\\x20; }')
    assert entry.cmdline == '"one=a b" two=\\\'x y\\\' q\\" c:\\\\d \\x20'
    assert handover.join(["a", "b c", ""]) == 'a "b c" '


def test_entries_that_share_a_variable_do_not_disturb_each_other() -> None:
    menu = read(
        "x=1\nmenuentry a { linux /k $x; x=$x$x; }\nmenuentry b { linux /k $x; }\n"
        "function f { x=f; }\nmenuentry c { f; linux /k $x; }\nmenuentry d { linux /k $x; }\n"
        "x=2\n"
    )
    assert [entry.cmdline for entry in menu.entries] == ["2", "2", "f", "2"]


def test_the_last_kernel_counts_and_takes_the_initrd_with_it() -> None:
    entry = only("menuentry x { linux /a; initrd /i; linux /b; }")
    assert (entry.kernel, entry.initrds) == ("/b", ())
    entry = only("menuentry x { initrd /i; linux /b; initrd /j; initrd /k; }")
    assert (entry.kernel, entry.initrds) == ("/b", ("/k",))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("chainloader (hd1,1)+1", "chainloader (hd1,1)+1: that is for GRUB only"),
        ("reboot", "it restarts the machine"),
        ("halt", "it turns the machine off"),
        ("fwsetup", "it opens the firmware's set-up"),
        ("echo hello", "it loads no kernel"),
        ("linux k", "k is no file's name: GRUB wants it from /"),
        ("linux /k; exit", "it leaves GRUB"),
    ],
)
def test_what_kexec_cannot_start_stays_with_the_reason(body: str, why: str) -> None:
    assert only(f"menuentry x {{ {body}; }}").not_bootable == why


def test_multiboot_kernels_keep_their_modules_with_arguments() -> None:
    entry = only(
        "menuentry Xen { multiboot2 /boot/xen.gz placeholder dom0_mem=1G ${none}\n"
        "module2 --nounzip /boot/vmlinuz ph root='a b'\nmodule2 /boot/initrd\n}"
    )
    assert entry.kernel == "/boot/xen.gz"
    assert entry.cmdline == entry.handover == "placeholder dom0_mem=1G"
    assert entry.modules == ('/boot/vmlinuz ph "root=a b"', "/boot/initrd")


def test_a_script_that_boots_by_itself_is_an_entry() -> None:
    menu = read("linux /vmlinuz quiet\ninitrd /initrd\nboot\nmenuentry late { true; }\n")
    assert [entry.kernel for entry in menu.entries] == ["/vmlinuz"]
    assert menu.default_entry is not None and menu.timeout == 0


# -- menus


def test_submenus_are_listed_in_place_and_see_only_what_is_exported() -> None:
    menu = read(
        "a=1\nb=2\nexport b\nmenuentry top { linux /k $a$b; }\n"
        "submenu 'More >' --id more { c=3; menuentry in --id in { linux /k $a$b$c; }\n"
        "  submenu deep { menuentry x { linux /k; } } }\n"
    )
    assert [entry.id for entry in menu.entries] == ["top", "more>in", "more>deep>x"]
    assert [entry.cmdline for entry in menu.entries] == ["12", "23", ""]
    assert menu.entries[2].parents == ("More >", "deep")


@pytest.mark.parametrize(
    ("default", "entry"),
    [
        ("", "a"),
        ("1", "b>c"),
        ("2", "e"),
        ("9", "a"),
        ("A title", "a"),
        ("e", "e"),
        ("b>d", "b>d"),
        ("B sub>1", "b>d"),
        ("1>1", "b>d"),
        ("b>9", "b>c"),
        ("0x2", "e"),
        ("3 f", "3 f"),
        ("saved", "a"),
    ],
)
def test_default_is_a_number_an_id_a_title_or_a_path(default: str, entry: str) -> None:
    menu = read(
        f"set default='{default}'\n"
        "menuentry 'A title' --id a { linux /k; }\n"
        "submenu 'B sub' --id b { menuentry C --id c { linux /k; }\n"
        "  menuentry D --id d { linux /k; } }\n"
        "menuentry E --id e { linux /k; }\nmenuentry '3 f' { linux /k; }\n"
    )
    assert menu.default == entry
    assert [one.id for one in menu.entries if one.default] == [entry]


def test_a_doubled_mark_in_default_is_part_of_a_title() -> None:
    text = "default='x>>y'\nmenuentry a { linux /k; }\nmenuentry 'x>y' { linux /k; }\n"
    assert read(text).default == "x>>y"


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("5", 5.0), ("0", 0.0), ("-1", None), ("", None), ("x", None)]
)
def test_timeout_is_a_number_of_seconds_or_none(timeout: str, seconds: float | None) -> None:
    menu = read(f"set timeout={timeout}\nset timeout_style=hidden\nfallback='1 2'\n")
    assert menu.timeout == seconds
    assert menu.facts["timeout_style"] == "hidden" and menu.facts["fallback"] == "1 2"


@pytest.mark.parametrize(
    ("fallback", "default"),
    [("", "a"), ("1", "b"), ("2 1", "b"), ("s>0", "s>t"), ("gone 9 b", "b"), ("2", "a")],
)
def test_a_fallback_starts_where_the_default_cannot(fallback: str, default: str) -> None:
    text = (
        f"set fallback='{fallback}'\nmenuentry a {{ linux /gone; }}\n"
        "menuentry b { linux /k; }\nmenuentry c { linux /lost; }\n"
        "submenu s { menuentry t { linux /k; }; }\n"
    )
    assert read(text, k="k").default == default
    assert read(text, k="k", gone="k").default == "a"


@pytest.mark.parametrize(
    ("body", "started"),
    [
        ("if linux /gone a; then true; else linux /k b; fi", ("/k", "b")),
        ("linux /gone a\nif [ $? -ne 0 ]; then linux /k b; fi", ("/k", "b")),
        ("linux /k a\nlinux /gone b", ("/k", "a")),
        ("linux /k a\nlinux /k b", ("/k", "b")),
        ("linux /gone a", ("/gone", "a")),  # shown as what it means to start
    ],
)
def test_linux_fails_where_there_is_no_such_file(body: str, started: tuple[str, str]) -> None:
    entry = read(f"menuentry e {{\n{body}\n}}\n", k="k").entries[0]
    assert (entry.kernel, entry.cmdline) == started


def test_ids_are_unique() -> None:
    menu = read("menuentry x { linux /a; }\nmenuentry x { linux /b; }\nmenuentry '' { linux /c; }")
    assert [entry.id for entry in menu.entries] == ["x", "x#2", "#2"]


def test_what_petitboot_takes_of_functions_is_taken_and_said() -> None:
    """GRUB refuses the first and starts nothing in the second: $2 is the entry's own there."""
    menu = read("function f { true }\nfunction g {\nmenuentry $1 { linux $2 }\n}\ng a /k\n")
    assert [(entry.title, entry.kernel) for entry in menu.entries] == [("a", "/k")]
    said = [(problem.line, problem.message) for problem in menu.problems]
    assert (1, "GRUB wants `;` or a line end before the `}` of function f") in said
    assert any(line == 3 and "only the entry's" in text for line, text in said)
    own = only("function g {\nmenuentry $1 x { linux /$2 $3 }\n}\ng a b c\n")
    assert (own.kernel, own.cmdline) == ("/x", "")


def test_superusers_protect_what_is_not_for_everyone() -> None:
    text = (
        "menuentry free --unrestricted { linux /k; }\nmenuentry for --users '' { linux /k; }\n"
        "menuentry mine --users me { linux /k; }\nmenuentry plain { linux /k; }\n"
    )
    assert not any(entry.protected for entry in read(text).entries)
    locked = read("set superusers=root\npassword_pbkdf2 root grub.pbkdf2.sha512.1.AB.CD\n" + text)
    assert [entry.protected for entry in locked.entries] == [False, True, True, True]
    assert [entry.users for entry in locked.entries] == [(), (), ("me",), ()]
    assert "CD" not in str(locked)
    assert (locked.guarded, locked.superusers) == (True, ("root",))
    assert locked.passwords == {"root": "grub.pbkdf2.sha512.1.AB.CD"}


@pytest.mark.parametrize(
    ("users", "inner", "protected", "names"),
    [
        ("--users 'a, b'", "--unrestricted", True, ("a", "b")),
        ("--users 'a b'", "--users 'b;c'", True, ("b",)),
        ("--unrestricted", "--users c", True, ("c",)),
        ("--unrestricted", "--unrestricted", False, ()),
        ("", "--users c", True, ()),
    ],
)
def test_a_submenu_guards_what_stands_in_it(
    users: str, inner: str, protected: bool, names: tuple[str, ...]
) -> None:
    (entry,) = read(
        f"set superusers=root\nexport superusers\nsubmenu s {users} {{\n"
        f"menuentry x {inner} {{ linux /k; }}\n}}\n"
    ).entries
    assert (entry.protected, entry.users) == (protected, names)


def test_superusers_count_as_they_are_when_the_menu_is_shown() -> None:
    """What a body sets comes after the question; a submenu knows what was exported only."""
    body = "{ set superusers=me; linux /k; }"
    assert not only(f"menuentry x {body}").protected
    assert only(f"set superusers=\nmenuentry x {body}").protected
    inner = "submenu s --unrestricted { menuentry x { linux /k; }; }"
    assert not only(f"set superusers=root\n{inner}").protected
    nobody = read("set superusers=\nmenuentry x { linux /k; }")
    assert (nobody.guarded, nobody.superusers, nobody.passwords) == (True, (), {})
    assert not read("menuentry x { linux /k; }").guarded


def test_passwords_as_grub_takes_them() -> None:
    menu = read(
        "set superusers='root,me'\npassword me 'a b'\npassword x\n"
        "password_pbkdf2 root grub.pbkdf2.sha512.10000.AB\n"
        "password_pbkdf2 root grub.pbkdf2.sha512.10000.AX.AB\n"
        "password_pbkdf2 root grub.pbkdf2.sha512.10000.ab.CDEF\nmenuentry x { linux /k; }"
    )
    assert menu.superusers == ("root", "me")
    assert menu.passwords == {"me": "a b", "root": "grub.pbkdf2.sha512.10000.ab.CDEF"}
    assert [problem.line for problem in menu.problems] == [3, 4, 5]
    assert "a b" not in repr(menu)


def test_a_configuration_that_opens_another_shows_that_menu() -> None:
    menu = read(
        "set timeout=9\nmenuentry gone { linux /k; }\nconfigfile /boot/other.cfg\n",
        **{"boot_other.cfg": "set timeout=3\nmenuentry other { linux /o; }\n"},
    )
    assert [entry.title for entry in menu.entries] == ["other"]
    assert menu.timeout == 3 and menu.facts["menu"] == "/boot/other.cfg"
    menu = read(
        "configfile /boot/empty.cfg\nmenuentry here { linux /k; }\n",
        **{"boot_empty.cfg": "set timeout=3\n"},
    )
    assert [entry.title for entry in menu.entries] == ["here"] and menu.timeout is None


def test_an_entry_that_opens_another_configuration_is_a_submenu() -> None:
    menu = read(
        "menuentry more { configfile /boot/other.cfg; }\nmenuentry last { linux /k; }",
        **{
            "boot_other.cfg": "menuentry o { linux /o; }\n"
            f"menuentry back {{ configfile {PATH}; }}"
        },
    )
    assert [(entry.id, entry.parents) for entry in menu.entries] == [
        ("more>o", ("more",)),
        ("more>back>more", ("more", "back")),
        ("more>back>last", ("more", "back")),
        ("last", ()),
    ]
    assert menu.entries[1].not_bootable == "it opens /boot/other.cfg again"


def test_source_shares_everything() -> None:
    menu = read(
        'x=1\nsource $prefix/a.cfg\nmenuentry m { linux /k $x "$config_directory"; }\n',
        **{"boot_grub_a.cfg": 'x="${x}2$config_file"\nmenuentry s { linux /s; }\n'},
    )
    assert [entry.title for entry in menu.entries] == ["s", "m"]
    assert menu.entries[0].source == "/boot/grub/a.cfg"
    assert menu.entries[1].cmdline.startswith("12(hd0,msdos1)/boot/grub/a.cfg")


def test_variables_can_be_given() -> None:
    root = MemoryRoot({"/boot/grub/loopback.cfg": "menuentry x { linux /k iso=$iso_path; }"})
    menu = grub2.read(root, "/boot/grub/loopback.cfg", variables={"iso_path": "/a.iso"})
    assert menu.entries[0].cmdline == "iso=/a.iso"


def test_the_platform_is_that_of_the_modules_beside() -> None:
    text = 'menuentry "$grub_platform $grub_cpu" { linux /k; }'
    assert only(text).title == "efi x86_64"
    assert only(text, **{"boot_grub_i386-pc_x.mod": ""}).title == "pc i386"
    root = MemoryRoot({"/EFI/debian/grub.cfg": text, "/EFI/debian/i386-pc/x": ""})
    assert grub2.read(root, "/EFI/debian/grub.cfg").entries[0].title == "efi x86_64"


# -- environment blocks


def test_grubenv_decides_the_default_and_its_change_is_data() -> None:
    block = f"{BLOCK}saved_entry=b\nnext_entry=c\n".ljust(1024, "#")
    menu = read(
        "if [ -s $prefix/grubenv ]; then load_env; fi\n"
        'if [ "${next_entry}" ]; then set default="${next_entry}"; set next_entry=\n'
        '  save_env next_entry; else set default="${saved_entry}"; fi\n'
        "function savedefault { saved_entry=${chosen}; save_env saved_entry; }\n"
        "menuentry a { linux /k; }\nmenuentry b { savedefault; linux /k; }\n"
        "submenu s { menuentry c { savedefault; linux /k; } }\nmenuentry c { linux /k; }\n",
        boot_grub_grubenv=block,
    )
    assert menu.default == "c"
    (write,) = menu.writes
    assert write.path == "/boot/grub/grubenv" and len(write.data) == 1024
    assert envblock.variables(write.data) == [(b"saved_entry", b"b"), (b"next_entry", b"")]
    # b is saved already: that changes nothing
    assert [len(entry.writes) for entry in menu.entries] == [0, 0, 1, 0]
    saved = dict(envblock.variables(menu.entries[2].writes[0].data))
    assert saved[b"saved_entry"] == b"s>c"


def test_load_env_takes_files_and_lists_of_names() -> None:
    block = f"{BLOCK}a=1\nb=x\\\\y\nc=3\n###"
    entry = only(
        "load_env --file /boot/env a b\nmenuentry x { linux /k $a $b [$c]; }", boot_env=block
    )
    assert entry.cmdline == "1 x\\\\y []"


@pytest.mark.parametrize("block", ["", "a=1\n", BLOCK, f"{BLOCK}a", f"{BLOCK}a=\\", "\0" * 99])
def test_a_damaged_block_is_no_trouble(block: str) -> None:
    menu = read("load_env\nsave_env a\nmenuentry x { linux /k; }", boot_grub_grubenv=block)
    assert len(menu.entries) == 1


def test_a_block_keeps_its_size() -> None:
    block = f"{BLOCK}a=1\nb=2\n".encode().ljust(60, b"#")
    longer = envblock.with_variable(block, b"a", b"12\\3\n")
    assert longer is not None and len(longer) == 60
    assert envblock.variables(longer) == [(b"a", b"12\\3\n"), (b"b", b"2")]
    shorter = envblock.with_variable(longer, b"a", b"")
    assert shorter is not None and len(shorter) == 60
    assert envblock.variables(shorter) == [(b"a", b""), (b"b", b"2")]
    assert envblock.with_variable(block, b"c", b"x" * 60) is None
    assert envblock.without_variable(block, b"a") == f"{BLOCK}b=2\n".encode().ljust(60, b"#")
    assert envblock.without_variable(block, b"z") == block


@pytest.mark.parametrize(
    ("lines", "after"),
    [("a=1\nb=2", "a=3\nb=2"), ("xxxx\nb=2\n", "a=3\nb=2\n#"), ("b=2\n", None), ("a=\n", None)],
)
def test_a_block_without_room_is_changed_in_place(lines: str, after: str | None) -> None:
    menu = read("a=3\nsave_env a", boot_grub_grubenv=BLOCK + lines)
    assert [write.data.decode() for write in menu.writes] == [BLOCK + (after or lines)]
    assert "GRUB would not write" in messages(menu)[0]


# -- devices


def disk(path: str, number: int, uuid: str = "", label: str = "", pttype: str = "gpt") -> Device:
    whole = path.rstrip("0123456789")
    return Device(
        path, label, uuid, f"part-{uuid}", fstype="ext4", disk=whole, number=number, pttype=pttype
    )


ESP = disk("/dev/sdb1", 1, "AAAA-1111")
BOOT = disk("/dev/sdb2", 2, "1234abcd", "boot")
OTHER = disk("/dev/sda1", 1, "9999", "other", "dos")
DISKS = [Device("/dev/sda", disk="/dev/sda"), OTHER, Device("/dev/sdb", disk="/dev/sdb"), ESP, BOOT]


def across(text: str, **files: dict[str, str]) -> Menu:
    """Read a menu on /dev/sdb1 of a machine with three filesystems."""
    trees = {"/dev/sdb1": {PATH: text}, "/dev/sdb2": {"/k": "k"}, "/dev/sda1": {"/mark": "m"}}
    for name, tree in files.items():
        trees[f"/dev/{name}"] |= tree
    disks = MachineDisks(FakeMachine(DISKS, trees))
    try:
        return grub2.read(MemoryRoot(trees["/dev/sdb1"]), PATH, disks=disks.seen_from(ESP))
    finally:
        disks.close()


@pytest.mark.parametrize(
    ("search", "kernel"),
    [
        ("search --no-floppy --fs-uuid --set=root 1234ABCD", "/dev/sdb2:/k"),
        ("search -u 1234abcd -s", "/dev/sdb2:/k"),
        ("search --set root --label other", "/dev/sda1:/k"),
        ("search -l other --set=root --hint hd0,gpt1", "/dev/sda1:/k"),
        ("search --file --set=root /mark", "/dev/sda1:/k"),
        ("search --set=root --fs-uuid none", "/k"),
        ("search.fs_uuid 9999 root hd1,msdos1", "/dev/sda1:/k"),
        ("search.fs_label boot root", "/dev/sdb2:/k"),
        ("search.file /mark root", "/dev/sda1:/k"),
        ("set root='hd0,gpt2'", "/dev/sdb2:/k"),
        ("set root=(hd0,2)", "/dev/sdb2:/k"),
        ("set root=hd1,msdos1", "/dev/sda1:/k"),
    ],
)
def test_other_filesystems_are_found(search: str, kernel: str) -> None:
    menu = across(f"{search}\nmenuentry x {{ linux /k; initrd ($root)/i; }}")
    (entry,) = menu.entries
    assert entry.kernel == kernel and not entry.not_bootable
    assert entry.initrds == (kernel[:-1] + "i",)


def test_a_stub_leads_to_the_menu_on_another_filesystem() -> None:
    menu = across(
        "search.fs_uuid 1234abcd root hd0,gpt2\nset prefix=($root)'/grub'\n"
        "configfile $prefix/grub.cfg\n",
        sdb2={"/grub/grub.cfg": "menuentry there { linux /k $root; }\nsave_env x"},
    )
    (entry,) = menu.entries
    assert (entry.kernel, entry.cmdline) == ("/dev/sdb2:/k", "hd0,gpt2")
    assert entry.source == "/dev/sdb2:/grub/grub.cfg"


def test_a_device_that_is_not_there_is_told() -> None:
    (entry,) = across("menuentry x { linux (hd7,1)/k; }").entries
    assert entry.not_bootable == "/k is on a device that is not there"
    menu = across("menuentry x { linux (hd7,1)/k; }", sdb1={"/k": ""})
    assert menu.entries[0].kernel == "/k" and not menu.entries[0].not_bootable
    assert messages(menu) == [f"{PATH}:1: no device for (hd7,1)/k: taken to be on the menu's own"]
    (entry,) = across("loopback loop /a.iso\nmenuentry x { linux (loop)/k; }").entries
    assert entry.not_bootable == "/k is on a device that is not there"


# -- image files

ISO = Device("/dev/loop0", "LIVE", "2020-01-01", fstype="iso9660", disk="/dev/loop0")
LIVE = {"/casper/vmlinuz": "k", "/boot/grub/loopback.cfg": "menuentry l { linux /l $iso_path; }"}
STICK = """
menuentry live { loopback loop /a.iso; linux (loop)/casper/vmlinuz iso=/a.iso; initrd (loop)/i; }
menuentry menu {
  search --set=data --label boot
  loopback loop ($data)/b.iso
  iso_path=/b.iso
  export iso_path
  root=loop
  configfile /boot/grub/loopback.cfg
}
menuentry two { loopback a /a.iso; loopback b /b.iso; linux (a)/k; initrd (b)/i; }
menuentry gone { linux (loop)/k; }
menuentry there {
  loopback x /a.iso; search --file --set=root /casper/vmlinuz
  if [ -f /casper/vmlinuz -a ! -f /none ]; then linux /casper/vmlinuz; fi
}
"""


def stick() -> FakeMachine:
    trees = {
        "/dev/sdb1": {PATH: STICK, "/a.iso": "", "/b.iso": ""},
        "/dev/sdb2": {"/b.iso": ""},
        "/dev/loop0": LIVE,
    }
    return FakeMachine(DISKS, trees, inside={"loop a.iso": [ISO], "loop b.iso": [ISO]})


def test_files_in_images_are_booted_from_there() -> None:
    machine = stick()
    disks = MachineDisks(machine)
    mount = machine.mount(ESP)
    menu = grub2.read(machine.locate(mount.path)[0], PATH, disks=disks.seen_from(ESP))
    disks.close()
    found = {entry.id: entry for entry in menu.entries}
    assert (found["live"].kernel, found["live"].image) == ("image:/casper/vmlinuz", "/a.iso")
    assert found["live"].initrds == ("image:/i",) and found["live"].cmdline == "iso=/a.iso"
    assert found["menu>l"].kernel == "image:/l" and found["menu>l"].cmdline == "/b.iso"
    assert found["menu>l"].image == "/dev/sdb2:/b.iso"
    assert found["two"].not_bootable == "its files are in more than one image"
    assert found["gone"].not_bootable == "/k is on a device that is not there"
    assert found["there"].kernel == "image:/casper/vmlinuz"
    assert found["live"].rebased("/mnt/1").image == "/mnt/1/a.iso"
    assert found["menu>l"].rebased("/mnt/1").image == "/dev/sdb2:/b.iso"
    left = [str(action) for action in machine.actions if action.verb in ("mount", "unmount")]
    assert machine.mounts() == [mount], left


def test_a_lone_filesystem_keeps_its_images_shut() -> None:
    menu = read("loopback l /a.iso\nmenuentry x { linux (l)/k; }", **{"a.iso": ""})
    assert menu.entries[0].image == "/a.iso" and not menu.entries[0].not_bootable


def test_probe_tells_what_is_known() -> None:
    (entry,) = across(
        "probe --set=a -u (hd1,1)\nprobe -s b -l hd0,gpt2\nprobe --set c --fs $root\n"
        "probe -s d --part-uuid hd0,2\nmenuentry x { linux /k $a $b $c $d; }"
    ).entries
    assert entry.cmdline == "9999 boot ext2 part-1234abcd"


def test_a_lone_filesystem_is_every_disk() -> None:
    assert only("set root=hd0,msdos5\nmenuentry x { linux (hd3,gpt7)/k; }").kernel == "/k"
    assert only("menuentry x { linux (memdisk)/k; }").not_bootable


def test_machines_show_their_menus() -> None:
    trees = {
        "/dev/sdb1": {
            "/EFI/debian/grub.cfg": "search.fs_uuid 1234abcd root\nsource /grub/grub.cfg"
        },
        "/dev/sdb2": {"/grub/grub.cfg": "menuentry there { linux /k; }"},
        "/dev/sda1": {"/x": ""},
    }
    menus = read_machine_menus(FakeMachine(DISKS, trees))
    found = {device.path: menu for device, menu in menus if menu.entries}
    assert [menu.entries[0].title for menu in found.values()] == ["there"]
    root = MemoryRoot({"/EFI/BOOT/grub.cfg": "menuentry a { linux /k; }"})
    assert [menu.format for menu in find_menus(root)] == ["grub2"]


# -- Boot Loader Specification


def test_blscfg_adds_entries_with_grubs_variables() -> None:
    entry = (
        "title Fedora $v\nversion 6.1\nlinux /vmlinuz-6.1\ninitrd /initrd-6.1\n"
        'options root=x $kernelopts q="a b"\ngrub_users $grub_users\n'
    )
    menu = read(
        "menuentry first { linux /k; }\nkernelopts='ro quiet'\nv=39\ndefault=one-6.1\nblscfg\n",
        **{"loader_entries_one-6.1.conf": entry},
    )
    assert [one.id for one in menu.entries] == ["first", "one-6.1"]
    found = menu.entries[1]
    assert found.title == "Fedora 39" and found.default and not found.protected
    assert (found.kernel, found.initrds) == ("/vmlinuz-6.1", ("/initrd-6.1",))
    assert found.cmdline == 'root=x ro quiet "q=a b"'
    assert found.boot_image == "(hd0,msdos1)/vmlinuz-6.1"


# -- what is wrong


def test_problems_tell_the_line() -> None:
    menu = read("\n\nfrobnicate x\nif true; then\nmenuentry y { }\nfi\nsearch --label q\n")
    assert messages(menu) == [
        f"{PATH}:3: GRUB command not known here: frobnicate",
        f"{PATH}:5: syntax: an unexpected `}}`",
        f"{PATH}:6: syntax: an unexpected `fi`",
        f"{PATH}:7: search: no device with label q",
    ]


def test_a_missing_configuration_is_a_problem() -> None:
    menu = grub2.read(MemoryRoot({}), "/grub.cfg")
    assert messages(menu) == ["/grub.cfg: cannot read /grub.cfg"] and not menu.entries


def test_a_script_that_leaves_grub_shows_no_default_of_its_own() -> None:
    menu = read("menuentry x { linux /k; }\nreboot\nmenuentry y { linux /k; }")
    assert [entry.title for entry in menu.entries] == ["x"]
    assert messages(menu) == [f"{PATH}:2: GRUB would show no menu: it restarts the machine"]


# -- parts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", (12, "", 0)),
        ("0x1Fz", (31, "z", 0)),
        ("017", (15, "", 0)),
        ("08", (8, "", 0)),
        (" 7>1", (7, ">1", 0)),
        ("", (0, "", numbers.BAD_NUMBER)),
        ("x", (0, "x", numbers.BAD_NUMBER)),
        ("99999999999999999999", (2**64 - 1, "9", numbers.OUT_OF_RANGE)),
    ],
)
def test_numbers_are_read_as_grub_does(text: str, value: tuple[int, str, int]) -> None:
    assert numbers.unsigned(text) == value


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("^(.*/)([^/]*)$", "/boot/grub/x.iso", ["/boot/grub/x.iso", "/boot/grub/", "x.iso"]),
        ("a|b(c)?", "xbc", ["bc", "c"]),
        ("(a)|(b)", "b", ["b", None, "b"]),
        ("[[:digit:]]+\\.[0-9]{2}", "v12.345", ["12.34"]),
        ("^[^]a-]+$", "xyz", ["xyz"]),
        ("(ab)*", "ababx", ["abab", "ab"]),
        ("x{0}y", "y", ["y"]),
        ("a{,3}", "a{,3}", ["a{,3}"]),
        ("^$", "", [""]),
        ("\\(hd0\\)", "(hd0)", ["(hd0)"]),
        ("q", "a", None),
    ],
)
def test_expressions_match(pattern: str, text: str, groups: list[str | None] | None) -> None:
    assert search(pattern, text, lambda _: None) == groups


@pytest.mark.parametrize("pattern", ["(", ")", "[a", "a\\", "[[:nope:]]", "a{999}", "(" * 99])
def test_expressions_that_are_none(pattern: str) -> None:
    with pytest.raises(BadExpression):
        search(pattern, "a", lambda _: None)


def test_other_loaders_menus_are_shown_by_grub() -> None:
    """As GRUB's syslinux_configfile and legacy_configfile do, on sticks with many images."""
    isolinux = "DEFAULT b\nLABEL a\nKERNEL k\nLABEL b\nMENU LABEL Live\nKERNEL k\n"
    isolinux += "APPEND initrd=i a='b'  $x ro\nLABEL c\nLOCALBOOT 0\n"
    text = (
        "menuentry old { legacy_configfile /menu.lst; }\n"
        "menuentry iso { syslinux_configfile -i /isolinux/isolinux.cfg; }\n"
        "menuentry none { syslinux_configfile /gone.cfg; }\nset default=iso\n"
    )
    files = {
        PATH: text,
        "/isolinux/isolinux.cfg": isolinux,
        "/menu.lst": "title Old\nkernel /k ro\n",
    }
    files |= dict.fromkeys(("/k", "/isolinux/k", "/isolinux/i"), "x")
    menu = grub2.read(MemoryRoot(files), PATH)
    seen = [(one.title, one.kernel, one.initrds, one.cmdline) for one in menu.entries[:3]]
    assert seen == [
        ("Old", "/k", (), "ro"),
        ("a", "/isolinux/k", (), ""),
        ("Live", "/isolinux/k", ("/isolinux/i",), "a=\\'b\\' $x ro"),
    ]
    assert menu.default == menu.entries[2].id and menu.entries[2].parents == ("iso",)
    assert menu.entries[3].not_bootable


def test_petitboots_names_of_devices() -> None:
    """A node's name or a UUID, where GRUB has no device of that name."""
    devices = [
        Device(f"/dev/{name}", uuid=uuid, fstype="ext4", disk=f"/dev/{name[:3]}", number=1)
        for name, uuid in (("sda1", "11-11"), ("sdb1", "22-22"))
    ]
    text = "menuentry a { linux (sdb1)/k; }\nmenuentry b { root=22-22; linux /k; }\n"
    text += "menuentry c { linux (sdc1)/k; }\n"
    machine = FakeMachine(devices, {"/dev/sda1": {PATH: text}, "/dev/sdb1": {"/k": "k"}})
    ((_, menu),) = read_machine_menus(machine)
    assert [entry.kernel for entry in menu.entries[:2]] == ["/dev/sdb1:/k"] * 2
    assert "device that is not there" in menu.entries[2].not_bootable
