"""kexec-loader's configurations of 1.x and 2.x, and a disk of it under our kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from loaders import DEVICES, SDA2, SDB1, Tree, two_disks
from standard_machine import LineConsole
from unit.kernels import bzimage

from kxsh.boot.entry import Entry, Menu
from kxsh.console.access import Access
from kxsh.errors import Denied, RecoveryRequest
from kxsh.init import Target
from kxsh.interpreter.imports import library_source
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Device, Ended
from kxsh.menus import kexec_loader
from kxsh.options import LoaderOptions

PATH = "/kexec-loader.conf"
# The loader's own disk is the stick, as it was in its time.
TREES: dict[str, Tree] = {
    "/dev/sda1": {"/vmlinuz": "k", "/initrd.gz": "i", "/xen.gz": "x"},
    "/dev/sda2": {"/boot/vmlinuz": "k", "/etc/x": ""},
}


def read(text: str, here: Device = SDB1, **more: str) -> Menu:
    """Read a configuration on the stick; `more` are its files, ``__`` for a slash."""
    own: dict[str, bytes | str] = {PATH: text}
    own |= {"/" + n.replace("__", "/").replace("_", "."): data for n, data in more.items()}
    disks = two_disks(here, {**TREES, "/dev/sdb1": own})
    return kexec_loader.read(MemoryRoot(own), PATH, disks=disks)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


def test_a_target_of_2_x() -> None:
    menu = read(
        "# x\r\ntimeout 5\r\n\r\ntitle Generic Linux \r\nroot sda1\r\nkernel /vmlinuz\r\n"
        "cmdline root=/dev/sda2  ro\r\nappend quiet\r\ninitrd /initrd.gz\r\nreset-vga\r\n"
    )
    assert (menu.format, menu.timeout, menu.problems) == ("kexec-loader", 5, ())
    assert (menu.default, menu.facts) == ("Generic Linux", {"reset-vga.Generic Linux": "asked for"})
    assert only(menu) == Entry(
        id="Generic Linux",
        title="Generic Linux",
        kernel="/dev/sda1:/vmlinuz",
        initrds=("/dev/sda1:/initrd.gz",),
        cmdline="root=/dev/sda2  ro quiet",
        handover="root=/dev/sda2  ro quiet",
        default=True,
        source=PATH,
    )


@pytest.mark.parametrize(
    ("root", "kernel", "path"),
    [
        ("/dev/sda1", "/vmlinuz", "/dev/sda1:/vmlinuz"),
        ("LABEL=BOOT", "/vmlinuz", "/dev/sda1:/vmlinuz"),
        ("UUID=22-bb", "/boot/vmlinuz", "/dev/sda2:/boot/vmlinuz"),
        ("ext3:sda1", "/vmlinuz", "/dev/sda1:/vmlinuz"),
        ("nojail,sda1", "/../vmlinuz", "/dev/sda1:/vmlinuz"),
        ("hda1", "/vmlinuz", "/dev/sda1:/vmlinuz"),
        ("sdb2", "/boot/vmlinuz", "/dev/sda2:/boot/vmlinuz"),
        ("sda1", "(sda2)/boot/vmlinuz", "/dev/sda2:/boot/vmlinuz"),
        ("sda1", "(LABEL=root)/boot/vmlinuz", "/dev/sda2:/boot/vmlinuz"),
        ("sdb1", "/k", "/k"),
    ],
)
def test_devices_and_paths(root: str, kernel: str, path: str) -> None:
    entry = only(read(f"title x\nroot {root}\nkernel {kernel}\n"))
    assert (entry.kernel, entry.not_bootable) == (path, "")


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ("sdq7", "sdq7 is not there"),
        ("LABEL=none", "no filesystem has LABEL=none"),
        ("rootfs", "a place inside of kexec-loader"),
    ],
)
def test_a_device_that_is_not_there(root: str, reason: str) -> None:
    assert reason in only(read(f"title x\nroot {root}\nkernel /k\n")).not_bootable


def test_multiboot_modules() -> None:
    entry = only(
        read("title x\nroot sda1\nkernel /xen.gz\nmodule /vmlinuz a  b\nmodule (sda2)/etc/x\n")
    )
    assert entry.modules == ("/dev/sda1:/vmlinuz a  b", "/dev/sda2:/etc/x")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title x\nkernel /k\n", "1: x: dropped, it has not a root device"),
        ("title x\nroot sda1\n", "1: x: dropped, it has not a kernel"),
        ("title\n", "1: title: needs a text"),
        ("kernel /k\n", "1: kernel: must come after a title"),
        ("title x\nroot\n", "2: root: needs an argument"),
        ("Title x\n", "1: Title: no directive of kexec-loader"),
        ("timeout soon\n", "1: timeout: soon is no number of seconds"),
        ("grub-path /boot/grub\n", "1: grub-path: needs a device in brackets, then a path"),
        ("grub-autodetect yes\n", "1: grub-autodetect: is on or off"),
        ("grub-map hd0\n", "1: grub-map: needs a disk of GRUB and a device"),
        ("kmod\n", "1: kmod: needs a module"),
        ("grub-path (sda1)/none\n", "no menu of GRUB in (sda1)/none"),
    ],
)
def test_mistakes_are_told(text: str, problem: str) -> None:
    menu = read(text)
    assert any(problem in str(found) for found in menu.problems), menu.problems


@pytest.mark.parametrize(
    ("text", "timeout"), [("", None), ("timeout off", None), ("timeout 0", 0), ("timeout 9", 9)]
)
def test_the_time_of_2_x(text: str, timeout: float | None) -> None:
    assert read(f"{text}\ntitle x\nroot sda1\nkernel /vmlinuz\n").timeout == timeout


def test_the_default_is_marked_else_the_first() -> None:
    one = "title {0}\nroot sda1\nkernel /vmlinuz\n"
    assert read(one.format("a") + one.format("b")).default == "a"
    assert read(one.format("a") + one.format("b") + "default\n").default == "b"


# -- 1.x


def test_a_target_of_1_x_with_its_mounts() -> None:
    menu = read(
        "TIMEOUT 7\nTitle Old\nrootfs ext2:/dev/sda2\nmount /dev/sda1 /boot\n"
        "Kernel /boot/vmlinuz\ninitrd /boot/initrd.gz\nAppend a\ncmdline b\nmodule /etc/x y\n"
    )
    entry = only(menu)
    assert (menu.timeout, menu.problems) == (7, ())
    assert (entry.kernel, entry.initrds) == ("/dev/sda1:/vmlinuz", ("/dev/sda1:/initrd.gz",))
    assert (entry.cmdline, entry.modules) == ("b a", ("/dev/sda2:/etc/x y",))


def test_what_1_x_did_otherwise() -> None:
    assert read("timeout 0\ntitle x\nrootfs sda1\nkernel /vmlinuz\n").timeout is None
    entry = only(read("title x\nrootfs (hd1,1)\nkernel /boot/vmlinuz\n"))
    assert entry.kernel == "/dev/sda2:/boot/vmlinuz", "the stick is hd0"
    assert "needs a device and a mount point" in str(read("title x\nmount sda1\n").problems[0])
    assert (
        "nothing is mounted"
        in only(read("title x\nmount sda1 /boot\nkernel /etc/k\n")).not_bootable
    )


# -- GRUB

GRUB_MENU = (
    "default 1\ntimeout 3\ntitle A\nroot (hd0,1)\nkernel /boot/vmlinuz a\ntitle B\nkernel /k\n"
)


@pytest.fixture
def grub(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Put GRUB's files on the first disk's first partition."""

    def put(files: dict[str, Any]) -> None:
        monkeypatch.setitem(TREES, "/dev/sda1", {**TREES["/dev/sda1"], **files})

    return put


def test_grubs_menu_is_found_by_itself(grub: Callable[[dict[str, Any]], None]) -> None:
    grub({"/boot/grub/menu.lst": GRUB_MENU, "/k": "k"})
    menu = read("")
    assert [(e.id, e.kernel) for e in menu.entries] == [
        ("grub 0", "/dev/sda2:/boot/vmlinuz"),
        ("grub 1", "/dev/sda1:/k"),
    ]
    assert (menu.default, menu.timeout) == ("grub 1", 3)
    assert read("grub-autodetect off\n").entries == ()
    own = "title x\nroot sda1\nkernel /k\n"
    assert len(read(own).entries) == 1, "only where there are no targets"
    both = read(f"timeout off\ngrub-autodetect on\n{own}")
    assert [e.id for e in both.entries] == ["x", "grub 0", "grub 1"]
    assert (both.default, both.timeout) == ("grub 1", None)


def test_grub_2_is_read_before_grub_legacy(grub: Callable[[dict[str, Any]], None]) -> None:
    script = (
        "set default=1\nset timeout=7\nmenuentry 'A' {\nlinux /k a\n}\n"
        "menuentry 'B' {\nset root=(hd0,msdos2)\nlinux /boot/vmlinuz b\n}\n"
    )
    grub({"/boot/grub/grub.cfg": script, "/boot/grub/menu.lst": GRUB_MENU, "/k": "k"})
    menu = read("grub-path (sda1)/boot/grub\n")
    assert [(e.title, e.kernel, e.cmdline) for e in menu.entries] == [
        ("A", "/dev/sda1:/k", "a"),
        ("B", "/dev/sda2:/boot/vmlinuz", "b"),
    ]
    assert (menu.default, menu.timeout) == (menu.entries[1].id, 7)
    assert {e.source for e in menu.entries} == {"/dev/sda1:/boot/grub/grub.cfg"}


def test_grub_path_map_and_root(grub: Callable[[dict[str, Any]], None]) -> None:
    grub({"/g/menu.lst": GRUB_MENU, "/grub/menu.lst": GRUB_MENU, "/k": "k"})
    assert len(read("grub-path (LABEL=boot)/g\n").entries) == 2
    assert len(read("grub_root /dev/sda1\n").entries) == 2
    mapped = read("grub-path (sda1)/g\ngrub-map hd0 sdb\n")
    assert "has no partition" in mapped.entries[0].not_bootable
    mapped = read("grub-path (sda1)/g\ngrub-map hd0,1 UUID=22-BB\n")
    assert mapped.entries[0].kernel == "/dev/sda2:/boot/vmlinuz"


# -- kernel modules


def test_modules_of_the_disk_and_their_options() -> None:
    menu = read(
        "kmod usb-storage delay_use=1\nkmod reiserfs\n",
        modules__ext4_ko="",
        modules__more_tar="",
        modules__modules_conf="# x\noptions ext4 a=1 b=2\nalias x y\noptions z\n",
    )
    assert menu.facts == {
        "module.ext4": "a=1 b=2",
        "module.usb_storage": "delay_use=1",
        "module.reiserfs": "",
    }
    told = "\n".join(map(str, menu.problems))
    assert "/modules/modules.conf:3: alias: no directive, options is" in told
    assert "/modules/modules.conf:4: options needs a module and its arguments" in told
    assert "more.tar: not unpacked" in told


# -- the disk under our own kernel


def boot(conf: str, name: str = PATH, **changes: Any) -> tuple[FakeMachine, LineConsole]:
    """Start the library's script on the stick as the loader does."""
    stick: Tree = {name: conf, "/modules/vfat.ko": ""}
    root: Tree = {"/boot/vmlinuz": bzimage()}
    machine = FakeMachine(
        DEVICES,
        {"/dev/sdb1": stick, "/dev/sda2": root},
        **{"modules": ("vfat", "usb-storage"), **changes},
    )
    console = LineConsole()
    with pytest.raises((Ended, RecoveryRequest, Denied)):
        Interpreter(machine, console, esp=SDB1).run_script(library_source("kexec_loader"))
    return machine, console


CONF = "timeout 4\nkmod usb-storage delay_use=1\nkmod floppy\n"
TARGET = "title Root\nroot sda2\nkernel /boot/vmlinuz\nappend root=/dev/sda2 ro\n"


def test_a_disk_of_kexec_loader_keeps_working() -> None:
    machine, console = boot(CONF + TARGET)
    assert "load-module vfat" in list(map(str, machine.actions))
    assert "load-module usb_storage delay_use=1" in list(map(str, machine.actions))
    assert "! module floppy: this kernel has no module 'floppy'" in console.lines
    assert "menu kexec-loader: kexec-loader.conf, default Root after 4s" in console.lines
    assert machine.loaded is not None
    assert machine.loaded.cmdline == "root=/dev/sda2 ro"
    assert str(machine.actions[-1]) == "jump"
    assert machine.mounts() == []


def test_the_other_name_of_the_file_and_no_time() -> None:
    machine, console = boot(TARGET, "/kxloader.cfg")
    assert "menu kexec-loader: kxloader.cfg, default Root" in console.lines
    assert machine.loaded is not None


def test_a_disk_that_names_nothing_ends_at_the_prompt() -> None:
    machine, console = boot("# nothing\n")
    assert machine.loaded is None
    assert console.lines[0] == "menu kexec-loader: kexec-loader.conf, default recovery prompt"


def test_a_module_that_is_refused_stops_the_script() -> None:
    machine, _ = boot(CONF, fail={"load-module vfat": Denied("locked down")})
    assert machine.loaded is None


@pytest.mark.parametrize(
    ("files", "script"),
    [
        ({"/KEXEC-LOADER.CONF": ""}, "stdlib/kexec_loader.kxs"),
        ({"/kxloader.cfg": ""}, "stdlib/kexec_loader.kxs"),
        ({"/syslinux.cfg": ""}, "stdlib/default.kxs"),
    ],
)
def test_the_target_takes_its_menu_where_there_is_no_script(files: Tree, script: str) -> None:
    target = object.__new__(Target)
    target._options, target._machine = LoaderOptions(""), FakeMachine(DEVICES)  # type: ignore[assignment]
    target._terminal = console = LineConsole()  # type: ignore[assignment]
    console.access = Access(console)  # type: ignore[attr-defined, arg-type]
    assert target._without_script(SDB1, MemoryRoot(files, True)).name == script


def test_the_defaults_disk_may_come_late() -> None:
    files = {"/dev/sdb1": {PATH: TARGET}, "/dev/sda2": {"/boot/vmlinuz": bzimage()}}
    here = [device for device in DEVICES if device.path != "/dev/sda2"]
    machine = FakeMachine(here, files, later=[(3.0, SDA2)])
    console = LineConsole()
    with pytest.raises(Ended):
        Interpreter(machine, console, esp=SDB1).run_script(library_source("kexec_loader"))
    assert machine.loaded is not None
    assert 3 <= machine.now() < 5
