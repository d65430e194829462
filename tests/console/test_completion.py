"""What Tab offers, on a made-up machine."""

from __future__ import annotations

import io
import lzma
import os
import threading
import time

import pytest
from machines import devices, machine

from kxsh.completion.candidates import Candidate
from kxsh.console.prompt.session import Session
from kxsh.console.terminal import Terminal
from kxsh.console.words.completion import Completer
from kxsh.console.words.places import Places
from kxsh.errors import IoFailure
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, FirmwareEntry, Mount
from kxsh.text import GIB


class Tab:
    """A session whose lines are completed."""

    def __init__(self, made: FakeMachine | None = None, budget: float = 2.0) -> None:
        self.machine = made or machine()
        terminal = Terminal(io.StringIO(), io.StringIO(), color=False, serial=False, term="dumb")
        interpreter = Interpreter(self.machine, terminal, esp=devices()[2], interactive=True)
        self.session = Session(interpreter, terminal, None)
        self.places = Places(self.machine, budget)
        self._completer = Completer(self.session, self.places)

    def candidates(self, line: str) -> list[Candidate]:
        return self._completer.complete(line)

    def lines(self, line: str) -> list[str]:
        """Return the lines that choosing each candidate would make."""
        return [line[: one.start] + one.text for one in self.candidates(line)]

    def rewritten(self, line: str) -> str:
        return self._completer.rewritten(line)

    def notes(self, line: str) -> dict[str, str]:
        return {one.shown: one.note for one in self.candidates(line)}


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    monkeypatch.setenv("PATH", "/usr/bin")
    made = Tab()
    made.session.execute("let m = mount LABEL=GENTOO")
    made.session.execute("let facts = [root: 1, rest: [1, 2]]")
    return made


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        # commands
        ("findf", ["findfs "]),
        ("modp", ["modprobe "]),
        ("dis", ["disks "]),
        ("let d = findf", ["let d = findfs "]),
        ("say (findf", ["say (findfs "]),
        ("if exists $m/x { umo", ["if exists $m/x { umount "]),
        ("if exists $m/x {\n  umo", ["if exists $m/x {\n  umount "]),
        ("for d in dev", ["for d in devices "]),
        ("findfs LABEL=X else reco", ["findfs LABEL=X else recovery "]),
        ("whil", ["while "]),
        # options and their values
        ("mount LABEL=GENTOO --ty", ["mount LABEL=GENTOO --type "]),
        ("mount --rw x --r", []),
        ("load $m/x --meth", ["load $m/x --method "]),
        ("grep-cmdline-from-isolinux $m/isolinux/isolinux.cfg --label ge",
         ["grep-cmdline-from-isolinux $m/isolinux/isolinux.cfg --label gentoo "]),
        ("load $m/x --initrd=$m/isolinux/gentoo.",
         ["load $m/x --initrd=$m/isolinux/gentoo.igz "]),
        ("retry --", ["retry --edit ", "retry --save ", "retry --skip ", "retry --whole "]),
        ("retry 3 --", ["retry 3 --wait "]),
        ("on-failure reb", ["on-failure reboot "]),
        ("cmdline dr", ["cmdline drop "]),
        ("fail x --class not", ["fail x --class not-found "]),
        # devices
        ("mount LAB", ["mount LABEL="]),
        ("mount LABEL=GE", ["mount LABEL=GENTOO "]),
        ("mount label", ["mount LABEL="]),
        ("mount LABEL=KX", ["mount LABEL='KXSH ESP' "]),
        ("mount LABEL='KX", ["mount LABEL='KXSH ESP' "]),
        ('mount LABEL="KX', ["mount LABEL='KXSH ESP' "]),
        ("mount UUID=1234", ["mount UUID=1234-ABCD "]),
        ("findfs TYPE=vf", ["findfs TYPE=vfat "]),
        ("mount /dev/sda", ["mount /dev/sda ", "mount /dev/sda1 ", "mount /dev/sda2 "]),
        ("part ${esp.disk} ", ["part ${esp.disk} 1 ", "part ${esp.disk} 2 ",
                              "part ${esp.disk} --wait "]),
        ("part /dev/sdb 1", ["part /dev/sdb 1 "]),
        ("part LABEL=GENTOO 2", ["part LABEL=GENTOO 2 "]),
        # paths
        ("load $m/", ["load $m/isolinux/"]),
        ("load ${m.path}/iso", ["load ${m.path}/isolinux/"]),
        ("load $m/isolinux/gen", ["load $m/isolinux/gentoo ", "load $m/isolinux/gentoo.igz "]),
        ("load $m/isolinux/my", ["load $m/isolinux/'my file' "]),
        ("load $m/isolinux/'my f", ["load $m/isolinux/'my file' "]),
        ("load $m/isolinux/it", ['load $m/isolinux/"it\'s" ']),
        ("load /mnt/1/iso", ["load /mnt/1/isolinux/"]),
        ("load LABEL=GENTOO:/is", ["load LABEL=GENTOO:/isolinux/"]),
        ("load LABEL='KXSH ESP':/EFI/B", ["load LABEL='KXSH ESP':/EFI/BOOT/"]),
        ("load /dev/sda2:/e", ["load /dev/sda2:/EFI/"]),
        ("load LABEL=GEN", ["load LABEL=GENTOO:/"]),
        ("load $nothing/", []),
        ("load LABEL=NONE:/", []),
        # variables and fields
        ("say $m", ["say $m"]),
        ("say vmlinuz-$es", ["say vmlinuz-$esp"]),
        ("say ${es", ["say ${esp"]),
        ("say ${esp.lab", ["say ${esp.label}"]),
        ("say ${m.device.uu", ["say ${m.device.uuid}"]),
        ("let x = $esp.siz", ["let x = $esp.size"]),
        ("$facts.r", ["$facts.root", "$facts.rest"]),
        ("set fac", ["set facts "]),
        ("say ${nothing.x", []),
        # labels, modules, topics, mounts, programs
        ("isolinux-entry $m/isolinux/isolinux.cfg me",
         ["isolinux-entry $m/isolinux/isolinux.cfg memtest "]),
        ("isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg ge",
         ["isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg gentoo "]),
        ("help wh", ["help why "]),
        ("umount ", ["umount /mnt/1 ", "umount $m"]),
        ("lsb", ["lsblk "]),
        ("run lsp", ["run lspci "]),
        # command lines of kernels, inside of quotes too
        ('load $m/x --cmdline "root=/dev/ram0 qui', ['load $m/x --cmdline "root=/dev/ram0 quiet']),
        ("load $m/x --cmdline 'root=x nomod", ["load $m/x --cmdline 'root=x nomodeset",
                                               "load $m/x --cmdline 'root=x nomodule"]),
        ("load $m/x --set qui", ["load $m/x --set quiet"]),
        ("cmdline set $c qui", ["cmdline set $c quiet"]),
        ("load $m/x --cmdline \"root=UUID=20", ['load $m/x --cmdline "root=UUID=2019-01-01']),
        ("load $m/x --cmdline \"root=LABEL=", ['load $m/x --cmdline "root=LABEL=GENTOO']),
        ("load $m/x --set console=ttyS0", ["load $m/x --set console=ttyS0,115200"]),
        # GRUB's names
        ("ls (hd0,1", ["ls LABEL=GENTOO:/"]),
        ("ls (hd1", ["ls UUID=aaaa-bbbb:/"]),
        ("ls (hd7", []),
        # entries of menus, programs' files, topics
        ("boot gent", ["boot (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg gentoo) "]),
        ("plan LABEL=GENTOO:/iso", ["plan LABEL=GENTOO:/isolinux/"]),
        ("lsblk LABEL=GENTOO:/iso", ["lsblk LABEL=GENTOO:/isolinux/"]),
        ("run lsblk $m/iso", ["run lsblk $m/isolinux/"]),
        ("ls $m/iso", ["ls $m/isolinux/"]),
        ("cat LABEL=GENTOO:/isolinux/isol", ["cat LABEL=GENTOO:/isolinux/isolinux.cfg "]),
        ("help LUK", ["help luks-open ", "help LUKS "]),
        ("mount x --type is", ["mount x --type iso9660 "]),
        ("step $m/iso", ["step $m/isolinux/"]),
        # failure classes
        ('if $e.class == "no', ['if $e.class == "not-found"']),
        ("if $e.class != ver", ['if $e.class != "verify"']),
        ('if $e.code == "no', []),
        # where nothing can be known
        ("let y", []),
        ("fn hel", []),
        ("$m == ", []),
        ("echo `", []),
        ("nosuch ", []),
        ("1 + ", []),
    ],
)  # fmt: skip
def test_tab(tab: Tab, line: str, wanted: list[str]) -> None:
    assert tab.lines(line) == wanted


def test_the_second_column_says_what_it_is(tab: Tab) -> None:
    assert tab.notes("mount LABEL=")["LABEL=GENTOO"] == "700.0 MiB iso9660 GENTOO on /dev/sda"
    assert tab.notes("part ${esp.disk} ")["2"] == "/dev/sda2 64.0 MiB vfat KXSH ESP"
    assert tab.notes("findf")["findfs"] == "Find the one filesystem that matches."
    assert tab.notes("load $m/isolinux/gen")["gentoo"] == "2.9 KiB"
    assert tab.notes("isolinux-entry $m/isolinux/isolinux.cfg ")["gentoo"] == "Gentoo Linux"
    assert tab.notes("say $es")["$esp"] == "device /dev/sda2"


def test_hostile_names_are_not_typed_for_anybody(tab: Tab) -> None:
    assert all("\x1b" not in line for line in tab.lines("mount LABEL="))
    assert all("\x1b" not in line for line in tab.lines("load $m/isolinux/"))
    assert tab.lines("mount UUID=aaaa") == ["mount UUID=aaaa-bbbb "]


def test_what_the_firmware_can_start_is_offered() -> None:
    made = machine()
    made._firmware = [
        FirmwareEntry(1, "Windows Boot Manager", current=True),
        FirmwareEntry(0x1A, "UEFI: \x1b[2Jstick", following=True),
    ]
    tab = Tab(made)
    assert tab.lines("next-boot ") == ["next-boot 0001 ", "next-boot 001A "]
    assert tab.lines("next-boot 001") == ["next-boot 001A "]
    assert tab.notes("next-boot ") == {
        "0001": "Windows Boot Manager, started this machine",
        "001A": "UEFI: \x1b[2Jstick, is next",
    }
    made._firmware = []
    assert tab.lines("next-boot ") == [], "a BIOS has none, and that is no fault"


def test_modules_come_from_the_running_kernel(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    release = os.uname().release
    dep = "kernel/drivers/usb/storage/usb-storage.ko.xz: kernel/x.ko\nkernel/fs/isofs.ko:\n"
    made = Tab(FakeMachine(files={"/": {f"/lib/modules/{release}/modules.dep": dep}}))
    assert made.lines("modprobe us") == ["modprobe usb-storage "]
    assert made.lines("modprobe is") == ["modprobe isofs "]
    assert made.lines("if has module is") == ["if has module isofs "]
    assert made.lines("has program is") == []


def test_what_can_be_asked_about_is_offered(tab: Tab) -> None:
    assert tab.lines("has f") == ["has filesystem ", "has feature "]
    assert tab.lines("has feature l") == ["has feature luks ", "has feature lvm "]
    assert "has filesystem iso9660 " in tab.lines("has filesystem ")
    assert tab.lines("has version ") == []


def test_a_few_modules_are_shown_with_their_description(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = f"/lib/modules/{os.uname().release}"
    info = b"\0\0license=GPL\0description=USB Mass\x1b[2J Storage\0author=x\0"
    files: dict[str, bytes | str] = {
        f"{folder}/modules.dep": "kernel/drivers/usb/usb-storage.ko.xz:\nkernel/fs/isofs.ko:\n"
        "kernel/fs/broken.ko.xz:\nkernel/fs/gone.ko:\n",
        f"{folder}/kernel/drivers/usb/usb-storage.ko.xz": lzma.compress(info),
        f"{folder}/kernel/fs/isofs.ko": info.replace(b"USB", b"ISO"),
        f"{folder}/kernel/fs/broken.ko.xz": b"no xz",
    }
    notes = Tab(FakeMachine(files={"/": files})).notes("modprobe ")
    assert notes["usb-storage"] == "drivers/usb: USB Mass\x1b[2J Storage"
    assert notes["isofs"] == "fs: ISO Mass\x1b[2J Storage"
    assert notes["broken"] == notes["gone"] == "fs"


GRUB = """\
set default=debian
menuentry 'Debian GNU/Linux' --id debian { linux /vmlinuz root=/dev/sda1
}
menuentry 'Old \x1b]0;x\x07' --id old { linux /old
}
menuentry 'Memory test' --id memtest { linux16 /memtest
}
"""
BLS = "title Fedora 40\nlinux /vmlinuz\noptions root=UUID=1\n"


@pytest.fixture
def menus() -> Tab:
    disks = [
        Device("/dev/vda", size=GIB, disk="/dev/vda"),
        Device("/dev/vda1", label="root", fstype="ext4", disk="/dev/vda", number=1, size=GIB),
        Device("/dev/vda2", label="boot", fstype="ext4", disk="/dev/vda", number=2, size=GIB),
    ]
    return Tab(
        FakeMachine(
            disks,
            {
                "/dev/vda1": {
                    "/boot/grub/grub.cfg": GRUB, "/vmlinuz": b"", "/old": b"", "/memtest": b"",
                    "/etc/lilo.conf": "image=/vmlinuz\n label=linux\n root=/dev/hda1\n",
                },
                "/dev/vda2": {"/loader/entries/fedora.conf": BLS, "/vmlinuz": b""},
            },
        )
    )  # fmt: skip


def test_entries_of_any_menu_can_be_named(menus: Tab) -> None:
    grub = "grub-entry LABEL=root:/boot/grub/grub.cfg "
    assert menus.lines(f"{grub}deb") == [f"{grub}debian "]
    assert menus.lines(f"{grub}mem") == [f"{grub}memtest "]
    assert menus.notes(grub)["debian"] == "Debian GNU/Linux"
    bls = "bls-entry LABEL=boot:/loader/entries "
    assert menus.lines(f"{bls}fed") == [f"{bls}fedora.conf "] or menus.lines(f"{bls}fed") == [
        f"{bls}fedora "
    ]
    lilo = "set-default LABEL=root:/etc/lilo.conf "
    assert menus.lines(f"{lilo}lin") == [f"{lilo}linux "]


def test_boot_offers_the_entries_of_all_disks(menus: Tab) -> None:
    assert menus.lines("boot debian") == [
        "boot (grub-entry LABEL=root:/boot/grub/grub.cfg debian) "
    ]
    assert menus.lines("boot fedora")[0].startswith("boot (bls-entry LABEL=boot:/loader/entries")
    (line,) = menus.lines("boot fedora")
    menus.session.execute(f"let e = {line[5:]}")
    assert menus.session.failure(1) is None
    assert menus.lines("boot $e.tit") == ["boot $e.title"]
    menus.places.release()
    assert len(menus.machine.mounts()) <= 1


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ls (hd0,1)/boot", "ls LABEL=GENTOO:/boot"),
        ("mount (hd0,msdos2)", "mount LABEL='KXSH ESP'"),
        ("mount (hd0,gpt1) --rw", "mount LABEL=GENTOO --rw"),
        ("load (hd0,1)/a --initrd (hd1,1)/b", "load LABEL=GENTOO:/a --initrd UUID=aaaa-bbbb:/b"),
        ("part (hd1) 1", "part /dev/sdb 1"),
        ("say '(hd0,1)' \"(hd0,1)\" # (hd0,1)", None),
        ("say (hd9,1)/x (hd0,9)/x (cd)/x (hd0,0)/x", None),
        ("(hd0,1)+1", None),
        ("say $(hd0,1", None),
    ],
)
def test_grubs_names_are_rewritten(tab: Tab, typed: str, wanted: str | None) -> None:
    assert tab.rewritten(typed) == (wanted or typed)


def test_every_prefix_of_a_script_can_be_completed(tab: Tab) -> None:
    script = (
        'let image = mount (part ${esp.disk} 1) else { say "no \\"disk\\": $esp" }\n'
        "for e in isolinux-entries $image/isolinux/isolinux.cfg { # all\n"
        "  if $e.bootable and 'x' =~ 'y' { load $e --set console=ttyS0,115200 --drop quiet }\n"
        "}\nmatch [1, 2][0] { 1 | 2 { exec } else { recovery \"${esp.label ?? 'x'}\" } }\n"
    )
    for end in range(len(script) + 1):
        for candidate in tab.candidates(script[:end]):
            assert 0 <= candidate.start <= end


# -- looking at disks unseen


def test_an_unseen_mount_is_read_only_used_again_and_released(tab: Tab) -> None:
    before = tab.machine.mounts()
    assert tab.lines("load LABEL='KXSH ESP':/E") == ["load LABEL='KXSH ESP':/EFI/"]
    assert tab.lines("load LABEL='KXSH ESP':/EFI/B") == ["load LABEL='KXSH ESP':/EFI/BOOT/"]
    unseen = [mount for mount in tab.machine.mounts() if mount not in before]
    assert [mount.device.path for mount in unseen] == ["/dev/sda2"]
    assert not unseen[0].writable
    tab.places.release()
    assert tab.machine.mounts() == before


def test_what_is_mounted_is_not_mounted_again(tab: Tab) -> None:
    before = tab.machine.mounts()
    assert tab.lines("load LABEL=GENTOO:/i") == ["load LABEL=GENTOO:/isolinux/"]
    assert tab.machine.mounts() == before


def test_failures_while_looking_offer_nothing() -> None:
    made = machine()
    made._fail["mount"] = IoFailure("the medium is bad")
    made._fail["devices"] = IoFailure("the bus is gone")
    tab = Tab(made)
    assert tab.lines("load LABEL='KXSH ESP':/") == []
    assert tab.lines("mount LABEL=") == []


class SlowMachine(FakeMachine):
    """Mounts only when it is let."""

    def __init__(self) -> None:
        super().__init__(devices(), {"/dev/sda2": {"/EFI/": ""}})
        self.let = threading.Event()

    def mount(self, device: Device, where: str = "", **options: object) -> Mount:
        self.let.wait(20)
        return super().mount(device, where)


@pytest.mark.alone
def test_a_device_that_hangs_costs_the_budget_once() -> None:
    made = SlowMachine()
    tab = Tab(made, budget=0.2)
    started = time.monotonic()
    assert tab.lines("load LABEL='KXSH ESP':/E") == []
    assert time.monotonic() - started < 1.5
    started = time.monotonic()
    assert tab.lines("load LABEL='KXSH ESP':/EF") == []
    tab.places.release()
    assert time.monotonic() - started < 0.2
    made.let.set()
    deadline = time.monotonic() + 5
    while not made.mounts() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert tab.lines("load LABEL='KXSH ESP':/E") == ["load LABEL='KXSH ESP':/EFI/"]
    tab.places.release()
    assert made.mounts() == []
