"""A typist at random, and a machine with something of each kind for the lines to work on."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from machines import KERNEL
from scripted import Scripted

from kxsh.boot.plan import Plan
from kxsh.boot.state import State
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import (
    Completed,
    Device,
    FirmwareEntry,
    KernelImage,
    LoadMethod,
    Mount,
)  # fmt: skip

# A Multiboot header, and nothing else.
XEN = struct.pack("<III", 0x1BADB002, 0, -0x1BADB002 & 0xFFFFFFFF) + bytes(8192)


MENU = """\
DEFAULT a
LABEL a
  KERNEL /boot/kernel
  APPEND root=/dev/ram0 initrd=/boot/initrd
LABEL b
  KERNEL /boot/kernel
  APPEND b=1
"""


def furnish(machine: FakeMachine) -> None:
    """Two disks of the same label, a LUKS container, a volume group, an array, an ISO in a
    file, a boot menu, a server, and a shell in which somebody mounts a disk."""
    tree = machine._files["/dev/sda1"]
    system = {"/boot/kernel": bytes(KERNEL), "/boot/initrd": b"\x1f\x8b" + bytes(64)}
    machine._files["/dev/sda1"] = {
        **tree,
        "/key": b"secret",
        "/rescue.iso": b"iso",
        "/xen": XEN,
        "/isolinux/isolinux.cfg": MENU,
    }
    for number in (1, 2):
        device = Device(f"/dev/sdc{number}", label="TWIN", uuid=f"1234-000{number}", fstype="vfat",
                        disk="/dev/sdc", number=number)  # fmt: skip
        machine.add(device, dict(system))
    machine.add(
        Device(
            "/dev/sdd1",
            uuid="1234-000A",
            fstype="crypto_LUKS",
            disk="/dev/sdd",
        )
    )
    machine._keys["/dev/sdd1"] = b"secret"
    machine._files["luks /dev/sdd1"] = dict(system)
    machine._files["/dev/vg0/root"] = dict(system)
    machine._files["/dev/loop0"] = dict(system)
    machine._inside.update({
        "luks /dev/sdd1": [Device("/dev/inside", label="INNER", fstype="ext4")],
        "volumes vg0": [Device("/dev/vg0/root", label="ROOT", uuid="1234-000B", fstype="ext4")],
        "loop rescue.iso": [Device("/dev/loop0", label="RESCUE", fstype="iso9660")],
    })  # fmt: skip
    machine._files["/dev/md0"] = dict(system)
    machine._inside["arrays"] = [Device("/dev/md0", label="ARRAY", fstype="ext4")]
    machine._web["http://boot.lan/vmlinuz"] = bytes(KERNEL)

    def shell(argv: Sequence[str]) -> Completed:
        twin = next(one for one in machine.devices() if one.path == "/dev/sdc1")
        machine.others.append(Mount(twin, "/media/x", "vfat"))
        return Completed(0)

    machine._programs["sh"] = shell
    machine._programs["fdisk"] = Completed(3)
    machine.loads = []  # type: ignore[attr-defined]
    load = machine.load_kernel

    def remembered(image: KernelImage) -> LoadMethod:
        machine.loads.append(_files(machine, image))  # type: ignore[attr-defined]
        return load(image)

    machine.load_kernel = remembered  # type: ignore[method-assign]
    machine._firmware = [FirmwareEntry(1, "Network"), FirmwareEntry(2, "Disk")]


def _files(machine: FakeMachine, image: KernelImage) -> list[str]:
    """Return the words of a load, each file by its device."""
    words = [image.cmdline]
    for path in (image.kernel, *image.initrds, *image.modules):
        device, inside = machine._place(path)
        words.append(f"{device}:{inside}")
    return words


class Typist:
    """Types lines at random that a person might, with names and directories that are there."""

    def __init__(self, at: Scripted, dice: random.Random) -> None:
        self._at = at
        self._dice = dice
        self._number = 0
        self.typed: list[str] = []

    def _new(self) -> str:
        self._number += 1
        return f"n{self._number}"

    def _name(self, kind: type) -> str:
        variables = self._at.interpreter.session.variables.items()
        names = [name for name, value in variables if type(value) is kind and name != "esp"]
        return self._dice.choice(names or ["missing"])

    def _directory(self) -> str:
        paths = [mount.path for mount in self._at.machine.mounts()]
        return self._dice.choice(paths or ["/mnt/none"])

    def _device(self) -> str:
        known = "LABEL=GENTOO /dev/sdc1 UUID=1234-0002 UUID=aaaa-bbbb LABEL=NONE LABEL=TWIN"
        return self._dice.choice([*known.split(), "LABEL=INNER", "/dev/vg0/root", "LABEL=RESCUE"])

    def _mount(self) -> str:
        where = self._dice.choice(["", f" /mnt/{self._new()}"])
        return f"mount {self._device()}{where}{self._dice.choice(['', ' --rw', ' --keep'])}"

    def _load(self) -> str:
        base = self._dice.choice([
            f"${self._name(Mount)}", self._directory(), f"{self._device()}:",
        ])  # fmt: skip
        initrd = self._dice.choice(["", f" --initrd {base}/boot/initrd"])
        words = self._dice.choice([f"c{self._number}", f'"v=${self._name(int)}"'])
        return f"load {base}/boot/kernel{initrd} --cmdline {words}"

    def _simple(self) -> str:
        name = self._new()
        return self._dice.choice([
            self._mount(), f"let {name} = {self._mount()}", self._load(), self._load(),
            f"let {name} = {self._load()}", f"load ${self._name(Plan)}",
            f"umount {self._directory()}", f"umount ${self._name(Mount)}",
            f"let {name} = {self._dice.randrange(9)}", f"set {self._name(int)} = {self._number}",
            f"let {self._name(int)} = {self._number}", f"let {name} = $n1 + 1",
            f"modprobe {name}", "keymap de", "keymap fr", "lsblk -f", f"run lsblk {name}",
            "next-boot 0001", "next-boot 0002", f"say {name}",
            f"luks-open /dev/sdd1 --key-file LABEL=GENTOO:/key --name {name}",
            f"let {name} = lvm-activate vg0", "lvm-activate vg0 --keep",
            f"let {name} = loop-open LABEL=GENTOO:/rescue.iso", "net-up", "fail x", "fdisk",
            f"let {name} = state z --default [n: 1]", f"set {self._name(State)}.n = {self._number}",
            f"let {name} = findfs LABEL=GENTOO", f"fn {name}(x) {{ load $x/boot/kernel }}",
            f"{self._name(str)} {self._directory()}", f"n{self._dice.randrange(20)} /mnt/1",
        ])  # fmt: skip

    def line(self) -> str:
        one, two = self._simple(), self._simple()
        return self._dice.choice([
            *[one] * 8, f"{one}; {two}", f"if true {{ {one}; {two} }}",
            f"for i in [1, 2] {{ {one} }}", f"{one} else {{ {two} }}",
            f"{one} else {self._mount()}",
            f"try {{ {one}; {two}; fail y }} else {{ {two} }}", "undo", "undo", "undo",
            f"ls {self._directory()}", f"cat {self._device()}:/key", "entries", "1 + 1", "plan",
            "exec --dry-run", "edit", f"edit {self._directory()}/boot/kernel", "disks",
        ])  # fmt: skip

    def type(self, count: int, *, undoing: bool = True) -> None:
        for _ in range(count):
            line = self.line()
            if line != "undo" or undoing:
                self.typed.append(line)
                self._at(line, "+ x\nload\n")

    def statements(self, count: int) -> list[str]:
        """Type lines until so many have worked that a script could have; return those."""
        made: list[str] = []
        while len(made) < count:
            line = self._simple()
            # `kxsh --check` takes no `umount` of a directory that no `mount` names, and no
            # state that is changed and not saved.
            sound = "umount /mnt/" not in line and ".n =" not in line
            if sound and line.split()[0] not in ("lsblk", "fdisk"):
                self._at(line)
                if self._at.session.lines.all[-1].ok:
                    made.append(line)
        return made
