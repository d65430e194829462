"""The machine that transcripts, examples and fuzz tests run on.

/dev/sda is a stick with a hybrid image as Gentoo's minimal one: its ISO 9660 is seen
on the disk and on /dev/sda1 alike, /dev/sda2 is the ESP. /dev/sdb is a disk with an
installed system on ext4 and a data partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from unit.kernels import bzimage, uki

from kxsh.boot.entry import Entry, Menu
from kxsh.commands.context import Chosen, Offer
from kxsh.errors import RecoveryRequest, TimedOut
from kxsh.interpreter.imports import importer
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Completed, Device, FirmwareEntry
from kxsh.source import Source
from kxsh.text import GIB, MIB, duration

ISOLINUX = """\
default gentoo
timeout 150
prompt 1
label gentoo
  menu label Gentoo
  kernel gentoo
  append root=/dev/ram0 init=/linuxrc looptype=squashfs loop=/image.squashfs cdroot
  initrd gentoo.igz
label gentoo-nofb
  menu label Gentoo without framebuffer
  kernel gentoo
  append root=/dev/ram0 init=/linuxrc looptype=squashfs loop=/image.squashfs cdroot nofb
  initrd gentoo.igz
label memtest86
  kernel memtest86.bin
label hd
  localboot 0x80
"""
GRUB = """\
set default=1
set timeout=4
args="root=LABEL=root ro"
function kernel {
  linux /boot/vmlinuz $args "$@"
}
menuentry Debian --id debian { kernel two='x y'; initrd /boot/initrd.img; }
submenu Older --id old {
  args="root=LABEL=root"
  menuentry Rescue --id rescue { kernel single; }
  menuentry Windows { chainloader (hd1,1)+1; }
}
menuentry Rescue --id rescue --unrestricted { kernel single; }
menuentry ISO --id iso {
  search --set=data --label DATA
  loopback loop ($data)/images/rescue.iso
  linux (loop)/isolinux/gentoo cdroot
  initrd (loop)/isolinux/gentoo.igz
}
"""
EXTLINUX = """\
label a
  linux /boot/vmlinuz
  initrd /boot/initrd.img
  append root=LABEL=root ro
label b
  linux /boot/vmlinuz
  append root=LABEL=root ro single
"""
KEXEC_LOADER = (
    "kmod usb-storage delay_use=1\nkmod floppy\ntitle Root\nroot sdb1\nkernel /boot/vmlinuz\n"
)
# The start of a cpio archive under gzip, as bytes: zlib's versions compress differently, and
# examples name its digest.
INITRD = bytes.fromhex("1f8b080000000000020333303730373034a0130000b431c1946e000000")
ISO = {
    "/isolinux/isolinux.cfg": ISOLINUX,
    "/isolinux/version.txt": "Gentoo 20160514\n",
    "/isolinux/gentoo": bzimage(),
    "/isolinux/gentoo.igz": INITRD,
    "/isolinux/memtest86.bin": b"\x00" * 512,
    "/isolinux/empty": b"",
    "/isolinux/notes": "this is text\n" * 40,
    "/isolinux/cut": bzimage()[:20000],
    "/image.squashfs": b"hsqs" + bytes(4096),
}
ESP_FILES = {"/EFI/BOOT/bootx64.efi": b"MZ", "/EFI/BOOT/boot.kxs": "kxs 1\n"}
ROOT_FILES = {
    "/boot/extlinux/extlinux.conf": EXTLINUX,
    "/boot/vmlinuz": bzimage(),
    "/boot/initrd.img": INITRD,
    "/etc/hostname": "lab\n",
    "/etc/luks.key": "open",
    "/srv/grub/grub.cfg": GRUB,
    "/kxsh/state/broken.json": '{"a": ',
    "/kxsh/state/broken.json.old": "[]",
    "/kxsh/state/torn.json": '{"left": {"A": 1, "B"',
    "/kxsh/state/torn.json.old": '{"left": {"A": 2}}',
    "/kxsh/state/copied.json.new": '{"a": true}',
    "/etc/empty/": b"",
}
# What /dev/sdc has: systemd-boot's folders, with entry files and a unified kernel image.
BLS_FILES = {
    "/loader/loader.conf": "default arch-lts.conf\ntimeout 3\n",
    "/loader/entries/arch.conf": "title Arch\nlinux /vmlinuz\ninitrd /initrd.img\noptions rw\n",
    "/loader/entries/arch-lts.conf": "title Arch LTS\nlinux /vmlinuz\noptions rw quiet\n",
    "/loader/entries/shell.conf": "title Shell\nefi /shell.efi\n",
    "/vmlinuz": bzimage(),
    "/initrd.img": INITRD,
    "/EFI/Linux/one.efi": uki(
        (".osrel", b"ID=one\nPRETTY_NAME=One\n"),
        (".cmdline", b"root=LABEL=one ro"),
        (".linux", bzimage()),
        (".initrd", INITRD),
    ),
}
_UUID = "2016-05-14-12-00-00-00"
_STICK = {"disk": "/dev/sda", "removable": True, "pttype": "dos"}
_ISO = {"label": "GENTOO", "uuid": _UUID, "fstype": "iso9660"}
_DISK = {"disk": "/dev/sdb", "pttype": "gpt"}
ESP = Device(
    "/dev/sda2",
    label="KXSH",
    uuid="ABCD-1234",
    partuuid="12345678-02",
    fstype="vfat",
    size=64 * MIB,
    number=2,
    start=400 * MIB,
    parttype="0xef",
    **_STICK,  # type: ignore[arg-type]
)
DEVICES: list[Device] = [
    Device("/dev/sda", size=8 * GIB, model="Stick", **_ISO, **_STICK),  # type: ignore[arg-type]
    Device(
        "/dev/sda1",
        size=400 * MIB,
        number=1,
        parttype="0x17",
        partuuid="12345678-01",
        **_ISO,  # type: ignore[arg-type]
        **_STICK,  # type: ignore[arg-type]
    ),
    ESP,
    Device("/dev/sdb", size=64 * GIB, model="Disk", **_DISK),  # type: ignore[arg-type]
    Device(
        "/dev/sdb1",
        label="root",
        uuid="0f3c0ffe-0000-4000-8000-000000000001",
        partuuid="aaaaaaaa-0000-4000-8000-000000000001",
        partlabel="root_A",
        fstype="ext4",
        size=60 * GIB,
        number=1,
        start=MIB,
        **_DISK,  # type: ignore[arg-type]
    ),
    Device(
        "/dev/sdb2",
        label="DATA",
        uuid="0f3c0ffe-0000-4000-8000-000000000002",
        partlabel="data",
        fstype="ext4",
        size=3 * GIB,
        number=2,
        start=60 * GIB,
        **_DISK,  # type: ignore[arg-type]
    ),
]
# What a script opens is on a third disk, which only examples and some transcripts have.
CRYPT = Device(
    "/dev/sdd1",
    uuid="5e1f0000-0000-4000-8000-000000000003",
    partlabel="cryptroot",
    fstype="crypto_LUKS",
    size=20 * GIB,
    disk="/dev/sdd",
    number=1,
    start=MIB,
)
_EXT4 = {"fstype": "ext4", "size": 10 * GIB}
INSIDE: dict[str, list[Device]] = {
    "luks /dev/sdd1": [Device("/dev/mapper/x", label="secret", disk="/dev/mapper/x", **_EXT4)],  # type: ignore[arg-type]
    "volumes vg0": [
        Device(
            "/dev/mapper/vg0-root", names=("/dev/vg0/root",), disk="/dev/mapper/vg0-root", **_EXT4
        ),  # type: ignore[arg-type]
    ],
    "arrays": [Device("/dev/md127", label="RAID", disk="/dev/md127", **_EXT4)],  # type: ignore[arg-type]
    "loop rescue.iso": [Device("/dev/loop0", size=400 * MIB, disk="/dev/loop0", **_ISO)],
    "loop live.iso": [
        Device("/dev/loop1", label="LIVE", fstype="iso9660", size=GIB, disk="/dev/loop1")
    ],
}
LIVE_FILES = {
    "/isolinux/isolinux.cfg": "label live\n  kernel /live/vmlinuz\n  append boot=live quiet\n",
    "/live/vmlinuz": bzimage(),
}
VOLUME_FILES = {"/boot/vmlinuz": bzimage(), "/boot/initramfs.img": INITRD}
INSIDE_FILES = {
    "luks /dev/sdd1": VOLUME_FILES,
    "/dev/mapper/vg0-root": VOLUME_FILES,
    "/dev/md127": {"/notes.txt": "on two disks\n"},
    "/dev/loop0": ISO,
    "/dev/loop1": LIVE_FILES,
}
WEB = {
    "http://boot.lan/rescue/vmlinuz": bzimage(),
    "https://boot.lan/rescue/vmlinuz": bzimage(),
    "http://boot.lan/rescue/initrd.img": INITRD,
    "http://boot.lan/rescue/notes": b"hello\n",
    "http://boot.lan/pxelinux.cfg/C000": (
        b"DEFAULT rescue\nLABEL rescue\nKERNEL rescue/vmlinuz\nINITRD rescue/initrd.img\n"
        b"APPEND ip=dhcp\nIPAPPEND 2\nLABEL disk\nLOCALBOOT 0\n"
    ),
}
LATE = Device("/dev/sdc", label="LATE", fstype="vfat", size=GIB, disk="/dev/sdc", removable=True)
PROGRAMS = {
    "lsblk": Completed(0, "NAME FSTYPE\nsda  iso9660\n"),
    "false": Completed(1, "no luck\n"),
    "echo-args": lambda argv: Completed(0, "".join(f"[{word}]" for word in argv[1:]) + "\n"),
}
MODULES = ("usb-storage", "ext4", "vfat", "dm-crypt")


def standard_machine(**changes: Any) -> FakeMachine:
    """Return the machine; `changes` are arguments of `FakeMachine`."""
    arguments: dict[str, Any] = {
        "devices": DEVICES,
        "files": {
            "/dev/sda": ISO,
            "/dev/sda1": ISO,
            "/dev/sda2": ESP_FILES,
            "/dev/sdb1": ROOT_FILES,
            "/dev/sdb2": {
                "/notes.txt": "data\n",
                "/images/rescue.iso": b"CD001" * 8,
                "/images/live.iso": b"CD001" * 9,
                "/old/kexec-loader.conf": KEXEC_LOADER,
            },
            **INSIDE_FILES,
            "/dev/sdc": BLS_FILES,
            "/": {
                "/proc/cmdline": "kxsh\n",
                "/etc/os-release": "ID=kxsh\n",
                "/sys/class/net/eth0/address": "52:54:00:12:34:56\n",
                "/sys/class/dmi/id/product_name": "Lab PC\n",
            },
        },
        "programs": PROGRAMS,
        "modules": MODULES,
        "inside": INSIDE,
        "keys": {"/dev/sdd1": b"open"},
        "web": WEB,
        "firmware": FIRMWARE,
    }
    return FakeMachine(**{**arguments, **changes})


# What the firmware itself can start.
FIRMWARE = (
    FirmwareEntry(0, "UiApp"),
    FirmwareEntry(1, "KXSH", current=True),
    FirmwareEntry(0xA, "Windows Boot Manager"),
)


class LineConsole:
    """A console whose lines are a list; `answers` are the menu choices a person makes,
    `secrets` the passphrases that are typed (none is left: nobody types)."""

    def __init__(self, answers: Sequence[str] = (), secrets: Sequence[str] = ()) -> None:
        self.lines: list[str] = []
        self.answers = list(answers)
        self.secrets = list(secrets)

    @property
    def locked(self) -> bool:
        return False

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        return True

    def asks(self, entry: Entry | None, *, free: bool = False) -> bool:
        return False

    def visit_prompt(self, request: RecoveryRequest) -> bool:
        return False

    def restrict(
        self, mode: str, hashes: Iterable[str], delay: float, menu: Menu | None = None
    ) -> None:
        if mode == "open":
            return
        names = f" {', '.join(menu.superusers)}" if menu is not None else ""
        self.lines.append(f"locked: {mode}{names}, {len(list(hashes))} hashes, {delay:g} s")

    def ask_secret(self, question: str, timeout: float | None) -> str:
        self.lines.append(question)
        if not self.secrets:
            raise TimedOut(f"nothing was typed within {duration(timeout or 0)}")
        return self.secrets.pop(0)

    def say(self, text: str) -> None:
        self.lines += text.split("\n")

    def tell(self, text: str, *, warning: bool = False) -> None:
        (self.warn if warning else self.say)(text)

    def warn(self, text: str) -> None:
        self.lines += [f"! {line}" for line in text.split("\n")]

    def choose(self, offer: Offer) -> Chosen:
        after = "" if offer.timeout is None else f" after {duration(offer.timeout)}"
        self.lines.append(f"menu {offer.title}, default {offer.default or 'none'}{after}")
        heading = ""
        for choice in offer.choices:
            if choice.heading != heading:
                heading = choice.heading
                self.lines.append(heading)
            key = f" [{choice.key}]" if choice.key else ""
            fault = f" (cannot start: {choice.fault})" if choice.fault else ""
            self.lines.append(f"  {choice.id}: {choice.title}{key}{fault}")
        answer = self.answers.pop(0) if self.answers else ""
        self.lines.append(f"chosen: {answer or offer.default}")
        return Chosen(answer or offer.default, by_person=bool(answer))


def run_text(text: str, **changes: Any) -> tuple[FakeMachine, LineConsole]:
    """Run a script on the standard machine; what ends it is raised."""
    changes = {"devices": [*DEVICES, CRYPT], **changes}
    machine, console = standard_machine(**changes), LineConsole()
    interpreter = Interpreter(machine, console, esp=ESP, find_import=importer(None, "/"))
    interpreter.run_script(Source("test.kxs", text))
    return machine, console
