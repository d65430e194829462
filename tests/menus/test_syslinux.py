"""The SYSLINUX reader, directive by directive."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import limits, syslinux

ISOLINUX = "/isolinux/isolinux.cfg"


def read(text: str | bytes, path: str = ISOLINUX, /, **files: str) -> Menu:
    """Read a menu beside `files`; in their names ``__`` is a slash, ``_`` a dot."""
    folder = path.rpartition("/")[0]
    tree: dict[str, str | bytes] = {path: text}
    for name, content in files.items():
        name = name.replace("__", "/").replace("_", ".")
        tree[name if name.startswith("/") else f"{folder}/{name}"] = content
    return syslinux.read(MemoryRoot(tree), path)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1
    return menu.entries[0]


def test_an_entry_has_all_its_parts() -> None:
    menu = read(
        "MENU TITLE The ^Title\nTIMEOUT 50\nUI menu.c32\nLABEL live\n  MENU LABEL Start ^Live\n"
        "  KERNEL vmlinuz\n  APPEND root=x  quiet\n  INITRD a.img,/b.img\n"
        "  TEXT HELP\n  First line\n  ENDTEXT\n",
        vmlinuz="k",
        a_img="i",
        __b_img="i",
    )
    assert (menu.format, menu.source, menu.title) == ("isolinux", ISOLINUX, "The Title")
    assert (menu.default, menu.timeout, menu.problems) == ("live", 5.0, ())
    assert only(menu) == Entry(
        id="live",
        title="Start Live",
        kernel="/isolinux/vmlinuz",
        initrds=("/isolinux/a.img", "/b.img"),
        cmdline="root=x  quiet",
        boot_image="vmlinuz",
        handover="BOOT_IMAGE=vmlinuz root=x  quiet initrd=a.img,/b.img",
        default=True,
        source=ISOLINUX,
        help="First line",
        hotkey="l",
    )


@pytest.mark.parametrize(
    ("path", "variant"),
    [
        ("/isolinux/isolinux.cfg", "isolinux"),
        ("/syslinux/SYSLINUX.CFG", "syslinux"),
        ("/extlinux/extlinux.conf", "extlinux"),
        ("/pxelinux.cfg/01-00-11", "pxelinux"),
        ("/boot/live.cfg", "syslinux"),
    ],
)
def test_the_loader_is_known_by_the_files_name(path: str, variant: str) -> None:
    assert read("LABEL x\n", path).format == variant


def test_pxelinux_names_files_from_above_its_folder() -> None:
    menu = read("LABEL x\nKERNEL linux\n", "/boot/pxelinux.cfg/default")
    assert only(menu).kernel == "/boot/linux"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("k", "/isolinux/k"),
        ("/live/k", "/live/k"),
        ("./k", "/isolinux/k"),
        ("../../../k", "/k"),
        ("a//b/../k", "/isolinux/a/k"),
        ("::/k", "/k"),
        ("::k", "/k"),
    ],
)
def test_names_become_paths(name: str, path: str) -> None:
    entry = only(read(f"LABEL x\nKERNEL {name}\n"))
    assert (entry.kernel, entry.boot_image) == (path, name)


def test_backslashes_part_names_on_fat_only() -> None:
    assert only(read("LABEL x\nKERNEL a\\k\n", "/syslinux.cfg")).kernel == "/a/k"
    assert only(read("LABEL x\nKERNEL a\\k\n")).kernel == "/isolinux/a\\k"


def test_files_are_spelled_as_on_the_disk() -> None:
    tree = {"/ISOLINUX/ISOLINUX.CFG": "label x\nkernel /Live/vmlinuz\n", "/LIVE/VMLINUZ": "k"}
    for ignores_case in (True, False):
        menu = syslinux.read(MemoryRoot(tree, ignores_case), "/isolinux/isolinux.cfg")
        entry = only(menu)
        assert (entry.kernel, entry.source) == ("/LIVE/VMLINUZ", "/ISOLINUX/ISOLINUX.CFG")
        assert entry.boot_image == "/Live/vmlinuz"
        assert menu.problems == ()


def test_a_missing_file_is_a_problem_and_not_a_lost_entry() -> None:
    menu = read("LABEL x\n  KERNEL gone\n  APPEND initrd=gone.img\n")
    assert not only(menu).not_bootable
    assert [str(problem) for problem in menu.problems] == [
        f"{ISOLINUX}:1: x: no file /isolinux/gone",
        f"{ISOLINUX}:1: x: no file /isolinux/gone.img",
    ]


def test_a_missing_configuration_is_a_problem() -> None:
    menu = syslinux.read(MemoryRoot({}), ISOLINUX)
    assert menu.entries == ()
    assert "no such file" in menu.problems[0].message


def test_labels_mind_case_and_keywords_do_not() -> None:
    menu = read("dEfAuLt Linux\nLaBeL linux\nkErNeL a\nLABEL Linux\nKERNEL b\n")
    assert menu.default == "Linux"


@pytest.mark.parametrize(
    ("text", "default", "timeout"),
    [
        ("DEFAULT y\n", "y", 0.0),
        ("DEFAULT y\nPROMPT 1\n", "y", None),
        ("DEFAULT y\nPROMPT 1\nTIMEOUT 35\n", "y", 3.5),
        ("UI menu.c32\n", "x", None),
        ("UI menu.c32\nTIMEOUT 100\nTOTALTIMEOUT 50\n", "x", 5.0),
        ("UI menu.c32\nTIMEOUT 100\nONTIMEOUT y\n", "y", 10.0),
        ("UI menu.c32\nTIMEOUT 100\nONTIMEOUT y  z\n", "y  z", 10.0),
        ("TIMEOUT 100\nONTIMEOUT /kernel a\n", "/kernel a", 10.0),
        ("UI gfxboot bootlogo\nDEFAULT y\n", "y", None),
        ("DEFAULT vesamenu.c32\nTIMEOUT 10\n", "x", 1.0),
        ("TIMEOUT 10\n", "", None),
        ("DEFAULT nothing\n", "", None),
    ],
)
def test_what_starts_by_itself(text: str, default: str, timeout: float | None) -> None:
    menu = read(text + "LABEL x\nKERNEL a\nLABEL y\nKERNEL b\n")
    assert (menu.default, menu.timeout) == (default, timeout)
    assert [entry.id for entry in menu.entries if entry.default] == [default] * bool(default)


def test_menu_default_and_hide() -> None:
    menu = read("UI menu.c32\nLABEL a\nMENU HIDE\nLABEL b\nLABEL c\nMENU DEFAULT\n")
    assert menu.default == "c"
    assert [entry.hidden for entry in menu.entries] == [True, False, False]
    assert read("UI menu.c32\nLABEL a\nMENU HIDE\nLABEL b\n").default == "b"


def test_u_boots_menu_default_counts_without_a_menu() -> None:
    text = "LABEL a\nKERNEL k\nLABEL b b\nMENU DEFAULT\nKERNEL k\n"
    assert read(text, "/extlinux/extlinux.conf").default == "b b"
    named = read("DEFAULT b b\n" + text, "/extlinux/extlinux.conf")
    assert (named.default, len(named.entries)) == ("b b", 2)


def test_default_with_options_is_an_entry_of_its_own() -> None:
    menu = read("DEFAULT x single\nLABEL x\nMENU LABEL X\nKERNEL k\nAPPEND a\nINITRD i\n")
    first, second = menu.entries
    assert (first.title, first.cmdline) == ("X single", "a single")
    assert first.handover == "BOOT_IMAGE=k a initrd=i single"
    assert (first.default, second.default, second.handover) == (
        True,
        False,
        "BOOT_IMAGE=k a initrd=i",
    )


def test_default_may_name_a_file() -> None:
    menu = read("DEFAULT k single\nLABEL x\nKERNEL other\n", k="kernel")
    assert menu.default_entry is not None
    assert menu.default_entry.kernel == "/isolinux/k"
    assert menu.default_entry.handover == "BOOT_IMAGE=k single"


def test_default_may_name_a_file_that_is_missing() -> None:
    menu = read("DEFAULT /install/vmlinuz\nLABEL x\nKERNEL other\n")
    assert menu.default_entry is not None
    assert menu.default_entry.kernel == "/install/vmlinuz"
    assert "no file /install/vmlinuz" in menu.problems[0].message


def test_include_is_read_in_place() -> None:
    menu = read(
        "LABEL x\nKERNEL k\nINCLUDE more.cfg\nLABEL z\n",
        more_cfg="APPEND from=more\nLABEL y\nKERNEL k\nMENU INCLUDE last.cfg\n",
        last_cfg="APPEND from=last\n",
    )
    assert [(entry.id, entry.cmdline) for entry in menu.entries] == [
        ("x", "from=more"),
        ("y", "from=last"),
        ("z", ""),
    ]
    assert menu.entries[1].source == "/isolinux/more.cfg"


def test_include_with_a_tag_is_a_submenu() -> None:
    menu = read("INCLUDE more.cfg More things\nLABEL z\n", more_cfg="LABEL y\n")
    assert [entry.parents for entry in menu.entries] == [("More things",), ()]


def test_includes_that_cannot_be_read_are_problems() -> None:
    menu = read("INCLUDE gone.cfg\nINCLUDE isolinux.cfg\nLABEL x\nINCLUDE /isolinux\n")
    messages = [problem.message for problem in menu.problems]
    assert "/isolinux/gone.cfg: no such file" in messages
    assert "INCLUDE isolinux.cfg: the file includes itself" in messages
    assert "/isolinux: not a file" in messages
    assert only(menu).id == "x"


def test_includes_in_a_ring_and_too_deep_end() -> None:
    files = {f"f{n}_cfg": f"INCLUDE f{n + 1}.cfg\n" for n in range(30)}
    menu = read("INCLUDE f0.cfg\nLABEL x\n", **files)
    assert any("too deep" in problem.message for problem in menu.problems)
    ring = read("INCLUDE a.cfg\nLABEL x\n", a_cfg="INCLUDE b.cfg\n", b_cfg="INCLUDE a.cfg\n")
    assert only(ring).id == "x"
    assert any("includes itself" in problem.message for problem in ring.problems)


def test_submenus() -> None:
    menu = read(
        "UI menu.c32\nLABEL a\nMENU BEGIN tools\n MENU TITLE ^Tools\n LABEL b\n MENU DEFAULT\n"
        " MENU BEGIN\n  MENU LABEL Deeper\n  LABEL c\n  LABEL back\n  MENU EXIT\n MENU END\n"
        "MENU END\nLABEL go\nMENU GOTO tools\nLABEL d\n"
    )
    assert [(entry.id, entry.parents) for entry in menu.entries] == [
        ("a", ()),
        ("b", ("Tools",)),
        ("c", ("Tools", "Deeper")),
        ("d", ()),
    ]
    assert menu.default == "a"
    inside = read("UI menu.c32\nLABEL a\nMENU BEGIN\nMENU DEFAULT\nLABEL b\nLABEL c\nMENU END\n")
    assert inside.default == "b"
    start = read("UI menu.c32\nLABEL a\nMENU BEGIN\nMENU START\nLABEL b\nMENU END\n")
    assert start.default == "b"
    named = read("UI menu.c32\nDEFAULT c\nLABEL a\nMENU BEGIN\nLABEL b\nLABEL c\nMENU END\n")
    assert named.default == "c"


def test_separators_end_labels_and_headings_are_no_entries() -> None:
    menu = read(
        "LABEL a\nMENU SEPARATOR\nAPPEND global\nLABEL -\nMENU LABEL Heading\nMENU DISABLE\n"
        "LABEL b\nKERNEL k\nMENU DISABLE\nLABEL c\n"
    )
    assert [(entry.id, entry.cmdline, entry.not_bootable) for entry in menu.entries] == [
        ("a", "", ""),
        ("b", "global", "disabled in the menu"),
        ("c", "global", ""),
    ]


def test_other_configurations_are_listed_as_submenus() -> None:
    menu = read(
        "UI menu.c32\nLABEL a\nLABEL other\nMENU LABEL Other\nCONFIG /sub/other.cfg\nAPPEND /sub\n"
        "LABEL tools\nKERNEL vesamenu.c32\nAPPEND tools.cfg\nLABEL again\nCONFIG /sub/other.cfg\n"
        "LABEL back\nKERNEL menu.c32\nAPPEND ~\n",
        __sub__other_cfg="DEFAULT o\nLABEL o\nKERNEL k\nLABEL home\n"
        "CONFIG /isolinux/isolinux.cfg\n",
        tools_cfg="LABEL t\nKERNEL k\n",
        __sub__k="kernel",
    )
    assert [(entry.id, entry.kernel, entry.parents) for entry in menu.entries] == [
        ("a", "/isolinux/a", ()),
        ("o", "/sub/k", ("Other",)),
        ("t", "/isolinux/k", ("tools",)),
    ]
    assert menu.default == "a"


def test_a_default_that_leads_to_another_configuration() -> None:
    menu = read(
        "DEFAULT go\nLABEL go\nCONFIG other.cfg\n",
        other_cfg="MENU TITLE Other\nUI menu.c32\nTIMEOUT 30\nLABEL x\nLABEL y\nMENU DEFAULT\n",
    )
    assert (menu.default, menu.timeout, menu.title) == ("y", 3.0, "Other")


@pytest.mark.parametrize(
    ("module", "append", "chosen"),
    [
        ("ifcpu64.c32", "b -- a", "b"),
        ("ifcpu64.c32", "b -- c -- a", "b"),
        ("ifcpu.c32", "64 -- b -- a", "b"),
        ("whichsys.c32", "-pxe- a -sys- c -iso- b", "b"),
    ],
)
def test_choosing_modules(module: str, append: str, chosen: str) -> None:
    labels = "".join(f"LABEL {name}\nKERNEL k{name}\nAPPEND {name}\n" for name in "abc")
    menu = read(f"DEFAULT auto\nLABEL auto\nCOM32 {module}\nAPPEND {append}\n{labels}")
    entry = menu.default_entry
    assert entry is not None
    assert (entry.id, entry.kernel, entry.cmdline) == ("auto", f"/isolinux/k{chosen}", chosen)


def test_modules_that_choose_each_other_end() -> None:
    menu = read(
        "LABEL a\nCOM32 ifcpu64.c32\nAPPEND b -- b\nLABEL b\nCOM32 ifcpu64.c32\nAPPEND a -- a\n"
    )
    assert all("ifcpu64.c32" in entry.not_bootable for entry in menu.entries)


def test_linux_c32_starts_its_argument() -> None:
    entry = only(read("LABEL x\nCOM32 linux.c32\nAPPEND /live/k  a  initrd=/i b\n"))
    assert (entry.kernel, entry.initrds, entry.cmdline) == ("/live/k", ("/i",), "a initrd=/i b")
    assert not entry.not_bootable


def test_multiboot_lists_its_modules() -> None:
    entry = only(read("LABEL x\nKERNEL mboot.c32\nAPPEND xen.gz dom0_mem=1 --- vmlinuz a --- i\n"))
    assert (entry.kernel, entry.cmdline) == ("/isolinux/xen.gz", "dom0_mem=1")
    assert entry.modules == ("/isolinux/vmlinuz a", "/isolinux/i")
    assert (entry.not_bootable, entry.initrds, entry.handover) == ("", (), "dom0_mem=1")
    entry = only(read("LABEL x\nKERNEL mboot.c32\nAPPEND -c boot.cfg ks=x\n"))
    assert "ESXi" in entry.not_bootable and entry.cmdline == "-c boot.cfg ks=x"
    assert only(read("LABEL x\nKERNEL mboot.c32\n")).not_bootable == "mboot.c32 without a kernel"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("LOCALBOOT 0x80", "BIOS device"),
        ("KERNEL chain.c32", "another boot loader"),
        ("COM32 hdt", "Hardware Detection"),
        ("KERNEL reboot.c32", "restarts"),
        ("KERNEL unheard.c32", "unheard.c32 is a SYSLINUX module"),
        ("KERNEL /boot/memdisk", "memdisk"),
        ("KERNEL dos.IMG", "floppy image"),
        ("KERNEL win.bs", "boot sector"),
        ("BSS dos.bss", "boot sector"),
        ("KERNEL pxelinux.0", "PXE"),
        ("KERNEL plpbt", "PLoP"),
        ("KERNEL x.com", "COMBOOT"),
        ("KERNEL grub.efi", "EFI"),
        ("KERNEL http://host/k", "network: http://host/k"),
        ("KERNEL 10.0.0.1::k", "network"),
    ],
)
def test_what_kexec_cannot_start_is_listed_with_the_reason(line: str, reason: str) -> None:
    entry = only(read(f"LABEL x\n{line}\n"))
    assert reason in entry.not_bootable
    assert (entry.boot_image, entry.handover) == ("", "")


def test_linux_makes_a_kernel_of_any_name() -> None:
    assert not only(read("LABEL x\nLINUX weird.bin\n")).not_bootable


def test_device_trees_and_sysappend() -> None:
    menu = read("SYSAPPEND 2\nLABEL x\nKERNEL k\nFDT a.dtb\nFDTDIR /dtbs\nIPAPPEND 3\n", a_dtb="d")
    assert only(menu).dtb == "/isolinux/a.dtb"
    assert menu.facts["fdtdir.x"] == "/dtbs"
    assert (menu.facts["sysappend"], menu.facts["sysappend.x"]) == ("2", "3")


def test_help_without_its_end_is_a_problem() -> None:
    menu = read("LABEL x\nTEXT HELP\nLABEL y\n")
    assert only(menu).id == "x"
    assert "ENDTEXT" in menu.problems[0].message


def test_ids_are_unique() -> None:
    menu = read("LABEL x\nKERNEL a\nLABEL x\nKERNEL b\nLABEL x y\n")
    assert [entry.id for entry in menu.entries] == ["x", "x#2", "x y"]


def test_bytes_that_are_no_text_are_read_somehow() -> None:
    menu = read(b"\xef\xbb\xbfLABEL x\r\nMENU LABEL \xc3\xa4\r\nAPPEND a\r\n")
    assert (only(menu).title, only(menu).cmdline) == ("ä", "a")
    assert only(read(b"LABEL x\nMENU LABEL caf\xe9\n")).title == "café"


def test_there_is_an_end_to_everything() -> None:
    many = "".join(f"LABEL l{n}\n" for n in range(limits.ENTRIES + 50))
    menu = read(many)
    assert len(menu.entries) == limits.ENTRIES
    assert any("labels" in problem.message for problem in menu.problems)
    wide = only(read("LABEL x\nAPPEND initrd=" + "a," * 100_000 + "\n"))
    assert len(wide.initrds) == limits.INITRDS
    files = {f"f{n}_cfg": f"LABEL l{n}\n" for n in range(limits.FILES + 9)}
    most = read("".join(f"INCLUDE f{n}.cfg\n" for n in range(limits.FILES + 9)), **files)
    assert len(most.entries) == limits.FILES - 1
    assert any("too many files" in problem.message for problem in most.problems)
    deep = read("MENU BEGIN\n" * 5000 + "LABEL x\n")
    assert only(deep).id == "x"


def test_a_label_without_a_name_has_an_id_all_the_same() -> None:
    menu = read("DEFAULT /k\nLABEL\nKERNEL /k\nLABEL \nKERNEL /j\n")
    ids = [entry.id for entry in menu.entries]
    assert all(ids) and len(ids) == len(set(ids))
    assert menu.default in ids


@pytest.mark.parametrize("lines", ["NERFDEFAULT b\nDEFAULT a\n", "DEFAULT a\nNERFDEFAULT b\n"])
def test_a_default_for_loaders_that_are_linux(lines: str) -> None:
    labels = "LABEL a\nKERNEL /a\nLABEL b\nKERNEL /b\n"
    assert read(lines + labels).default == "b"
    assert read("DEFAULT a\nNERFDEFAULT gone\n" + labels).default == "a"


def test_passwords() -> None:
    menu = read(
        "UI menu.c32\nMENU MASTER PASSWD $4$salt$hash\nLABEL a\nLINUX /k\nLABEL b\nLINUX /k\n"
        "MENU PASSWD secret\nLABEL c\nLINUX /k\nMENU PASSWD\n"
    )
    assert [entry.protected for entry in menu.entries] == [False, True, True]
    assert [entry.users for entry in menu.entries] == [(), ("b",), ()]
    assert menu.passwords == {"": "$4$salt$hash", "b": "secret"}
    assert (menu.guarded, menu.superusers) == (True, ("",)) and "secret" not in repr(menu)
    free = read("LABEL a\nLINUX /k\nMENU PASSWD\n")
    assert not free.guarded and not free.entries[0].protected


def test_the_hot_key_of_a_label() -> None:
    text = "LABEL a\nMENU LABEL Boot ^Debian ^x\nLINUX /k\nLABEL b\nMENU LABEL end^\nLINUX /k\n"
    first, second = read(text).entries
    assert (first.title, first.hotkey) == ("Boot Debian x", "d")
    assert (second.title, second.hotkey) == ("end", "")


def test_labels_behind_another_menu_are_the_prompts_alone() -> None:
    """menu.c32 with a file reads that instead of the main one, with ~ both."""
    main = "LABEL a\nKERNEL k\n"
    other = "LABEL b\nKERNEL k\n"

    def hidden(text: str, more: str) -> dict[str, bool]:
        menu = read(text, more_cfg=more, k="k")
        assert menu.default in ("a", "b")
        return {entry.id: entry.hidden for entry in menu.entries}

    instead = "UI vesamenu.c32 more.cfg\n" + main
    assert hidden(instead, other) == {"b": False, "a": True}
    assert hidden("DEFAULT menu.c32 more.cfg\n" + main, other) == {"b": False, "a": True}
    assert hidden("UI vesamenu.c32 ~ more.cfg\n" + main, other) == {"a": False, "b": False}
    assert hidden("UI vesamenu.c32\n" + main, other) == {"a": False}
    # What the other file includes is shown.
    assert not any(hidden(instead, other + "INCLUDE isolinux.cfg\n").values())
