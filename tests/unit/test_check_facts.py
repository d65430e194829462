"""Checks that need facts, on made-up ones: each code's example, triggers, near misses."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import kernels
import pytest

from kxsh.checker import check_source
from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.checker.facts import InitrdContents
from kxsh.commands import COMMANDS
from kxsh.machine.memory_root import MemoryRoot
from kxsh.machine.protocol import Device, Root
from kxsh.source import Source

DISK = "/dev/disk0"
ESP = Device(f"{DISK}p9", "KXSH", fstype="vfat", disk=DISK, number=9)


@dataclass
class MadeUp:
    """Facts as a test says them: `files` by a device's label."""

    devices_: Sequence[Device] = ()
    files: Mapping[str, Root] = field(default_factory=dict)
    initrds: Mapping[str, InitrdContents] = field(default_factory=dict)
    dark: Collection[str] = ()
    plain: bool = False
    modules_: Collection[str] | None = None
    programs_: Collection[str] | None = None
    signed: bool = False

    def devices(self) -> Sequence[Device]:
        return self.devices_

    def esp(self) -> Device | None:
        return ESP

    def root(self, device: Device) -> Root | None:
        return self.files.get(device.label)

    def is_plain_iso(self, device: Device) -> bool:
        return self.plain

    def initrd(self, device: Device, path: str) -> InitrdContents:
        return self.initrds.get(path, InitrdContents())

    def framebuffer_drivers(self, device: Device, path: str) -> Collection[str] | None:
        return () if path in self.dark else ("efifb",)

    def modules(self) -> Collection[str] | None:
        return self.modules_

    def programs(self) -> Collection[str] | None:
        return self.programs_

    def loader_is_signed(self) -> bool:
        return self.signed


def disk(*labels: str, fstype: str = "iso9660") -> list[Device]:
    """A disk with these filesystems as its partitions, and the ESP."""
    parts = [
        Device(f"{DISK}p{number}", label, fstype=fstype, disk=DISK, number=number)
        for number, label in enumerate(labels, 1)
    ]
    return [Device(DISK, disk=DISK, pttype="dos"), *parts, ESP]


KERNEL = kernels.bzimage()
OLD = kernels.bzimage(xloadflags=0)
INITRD = b"070701" + bytes(200)


def signed(kernel: bytes) -> bytes:
    """A kernel with an EFI stub's headers and a certificate table in them."""
    head = bytearray(kernel)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, 0x40)
    head[0x40:0x44] = b"PE\0\0"
    struct.pack_into("<H", head, 0x58, 0x20B)
    struct.pack_into("<II", head, 0x58 + 112 + 32, len(kernel), 64)
    return bytes(head)


def holding(label: str, files: Mapping[str, bytes | str], **more: object) -> MadeUp:
    """A disk whose one filesystem has this label and these files."""
    ignores_case = bool(more.pop("ignores_case", False))
    root = MemoryRoot(files, ignores_case)
    return MadeUp(disk(label), {label: root}, **more)  # type: ignore[arg-type]


BOTH = {"/vmlinuz": KERNEL, "/initrd.img": INITRD, "/gentoo": KERNEL, "/gentoo.igz": INITRD}
# code -> the facts in which its example is found and its cure is not
WORLDS = {
    "KX210": MadeUp(programs_=("lsblk", "/usr/bin/lsblk")),
    "KX211": MadeUp(modules_=("nvme_fabrics",)),
    "KX415": holding("GENTOO", BOTH),
    "KX502": MadeUp(files={"KXSH": MemoryRoot({"/EFI/BOOT/vmlinuz": KERNEL}, ignores_case=True)}),
    "KX503": holding("OLD_CD", {"/boot/vmlinuz": KERNEL}, plain=True, ignores_case=True),
    "KX507": holding("GENTOO", {"/isolinux/gentoo": KERNEL}),
    "KX508": holding("GENTOO", BOTH),
    "KX509": holding(
        "OLD",
        {
            "/isolinux/vmlinuz-2.6": OLD,
            "/isolinux/vmlinuz-6.1": KERNEL,
            "/initrd": INITRD,
        },
    ),
    "KX511": holding(
        "GENTOO",
        {
            "/vmlinuz-6.6": kernels.bzimage(version=b"6.6.1 (x@y) #1"),
            "/initrd-6.1": INITRD,
            "/initrd-6.6": INITRD,
        },
        initrds={
            "/initrd-6.1": InitrdContents("x86-64", ("6.1.0",)),
            "/initrd-6.6": InitrdContents("x86-64", ("6.6.1",)),
        },
    ),
    "KX512": holding(
        "OLD",
        {"/vmlinuz-dark": KERNEL, "/vmlinuz-6.1": KERNEL, "/initrd": INITRD},
        dark=("/vmlinuz-dark",),
    ),
    "KX605": MadeUp(disk("GENTOO", "GENTOO"), {"GENTOO": MemoryRoot(BOTH)}),
    "KX608": holding("GENTOO", BOTH),
    "KX803": MadeUp(
        disk("GENTOO", "DEBIAN"),
        {
            "GENTOO": MemoryRoot({"/isolinux/gentoo": KERNEL}),
            "DEBIAN": MemoryRoot({"/live/vmlinuz-signed": signed(KERNEL)}),
        },
        signed=True,
    ),
}
NEEDING = [code for code in CODES.values() if code.facts]


def found(text: str, facts: MadeUp | None) -> list[tuple[str, int]]:
    findings = check_source(Source("t.kxs", text), facts=facts)
    return [(item.code, item.span.line) for item in findings if item.span]


@pytest.mark.parametrize("code", NEEDING, ids=lambda code: code.code)
def test_example(code: Code) -> None:
    facts = WORLDS[code.code]
    assert {name for name, _ in found(code.good, facts)} == set()
    if code.code == "KX507":  # its example needs no facts
        return
    assert {name for name, _ in found(code.bad, facts)} == {code.code}
    assert found(code.bad, None) == []


# What stands in the middle of a script, in the facts of a code -> whether it is found.
CASES: dict[str, tuple[str, ...]] = {
    "KX210": (
        "+ run lsblq",
        "+ run /usr/sbin/parted -l",
        "+ say (run --capture lshw)",
        "- run lsblk -f",
        "- run /usr/bin/lsblk",
        "- run /tmp/tool",
        "- run lshw else { say no }",
        "- if has program lshw { run lshw }",
        "+ if has program other { run lshw }",
        '- let name = "ls"; set name = "lshw"; run $name',
    ),
    "KX211": (
        "+ modprobe dm-crypt",
        "+ modprobe nvme_fabrix",
        '+ let m = "dm-mod"; modprobe $m',
        "- modprobe nvme-fabrics",
        "- modprobe nvme_fabrics",
        "- modprobe dm-crypt else { say no }",
        "- if has module dm_crypt { modprobe dm-crypt }",
        "+ if has program dm-crypt { modprobe dm-crypt }",
    ),
    "KX415": (
        '+ load $i/vmlinuz --initrd $i/initrd.img --cmdline "root=live:CDLABEL=F40"',
        '+ load $i/vmlinuz --initrd $i/initrd.img --cmdline "archisolabel=ARCH_202411"',
        '+ load $i/vmlinuz --initrd $i/initrd.img --cmdline "inst.stage2=hd:LABEL=F40:/x"',
        '- load $i/vmlinuz --initrd $i/initrd.img --cmdline "root=live:CDLABEL=GENTOO"',
        '- load $i/vmlinuz --initrd $i/initrd.img --cmdline "archisolabel=GENTOO"',
        '- load $i/vmlinuz --initrd $i/initrd.img --cmdline "root=LABEL=elsewhere"',
        '- let l = read $i/gentoo.igz; load $i/vmlinuz --cmdline "archisolabel=$l"',
    ),
    "KX502": (
        "+ load $e/EFI/boot/vmlinuz",
        "+ say (read $e/efi/BOOT/vmlinuz)",
        "+ plan $e/EFI/BOOT/Vmlinuz",
        "- load $e/EFI/BOOT/vmlinuz",
        "- load $e/EFI/BOOT/../BOOT/vmlinuz",
        "- if exists $e/efi/boot/vmlinuz { say there }",
    ),
    "KX503": (
        '+ load "$i/boot/vmlinuz;1"',
        "+ load $i/boot/VMLINUZ",
        "+ load $i/BOOT/vmlinuz",
        "- load $i/boot/vmlinuz",
        "- if exists $i/BOOT { say there }",
        "- say $i/BOOT/VMLINUZ",
    ),
    "KX507": (
        "+ load $i/isolinux/gentoo-x",
        "+ load LABEL=GENTOO:/isolinux/gento",
        "+ let d = part ${esp.disk} 1; load $d:/gentoo",
        "+ say (read $i/isolinux/version)",
        "+ load $i/isolinux",
        "- load $i/isolinux/gentoo",
        "- load LABEL=GENTOO:/isolinux/gentoo",
        "- if exists $i/version { say (read $i/version) }",
        "- load $i/gone else { recovery }",
        "- let v = read $i/version ?",
        "- try { load $i/gone } else { recovery }",
        '- let name = read $i/isolinux/gentoo; load "$i/$name"',
        "- load LABEL=OTHER:/gone else { recovery }",
        "- let entries = entries $i",
    ),
    "KX508": (
        "+ load $i/gentoo.igz",
        "+ load $i/gentoo --initrd $i/gentoo",
        "+ boot $i/initrd.img",
        "- load $i/gentoo --initrd $i/gentoo.igz",
        "- load $i/gentoo",
        "- load $i/gentoo.igz else { recovery }",
    ),
    "KX509": (
        "+ load $i/isolinux/vmlinuz-2.6",
        "+ plan $i/isolinux/vmlinuz-2.6",
        "+ let k = LABEL=OLD:/isolinux/vmlinuz-2.6",
        "- load $i/isolinux/vmlinuz-6.1",
        "- load $i/isolinux/vmlinuz-2.6 else { recovery }",
        "- if exists $i/isolinux/vmlinuz-2.6 { say there }",
    ),
    "KX511": (
        "+ load $i/vmlinuz-6.6 --initrd $i/initrd-6.1",
        "+ load $i/vmlinuz-6.6 --cmdline quiet --initrd $i/initrd-6.1",
        "+ boot $i/vmlinuz-6.6 --initrd $i/initrd-6.1",
        "- load $i/vmlinuz-6.6 --initrd $i/initrd-6.6",
        "- load $i/vmlinuz-6.6 --initrd $i/initrd-6.1 --initrd $i/initrd-6.6",
        "- load $i/vmlinuz-6.6",
    ),
    "KX512": (
        "+ load $i/vmlinuz-dark",
        '+ load $i/vmlinuz-dark --cmdline "console=ttyS0 console=tty0"',
        "+ boot $i/vmlinuz-dark --initrd $i/initrd",
        "- load $i/vmlinuz-6.1",
        '- load $i/vmlinuz-dark --cmdline "console=tty0 console=ttyS0"',
        "- load $i/vmlinuz-dark else { recovery }",
    ),
    "KX605": (
        "+ mount LABEL=GENTOO",
        "+ load LABEL=GENTOO:/vmlinuz",
        "+ let d = findfs LABEL=GENTOO",
        "- mount (part ${esp.disk} 1)",
        "- let d = findfs LABEL=GENTOO --disk ${esp.disk}",
        "- mount LABEL=GENTOO else { recovery }",
        "- if exists LABEL=GENTOO:/x { say there }",
    ),
    "KX608": (
        "+ mount LABEL=GENTOX",
        "+ mount (part ${esp.disk} 4)",
        "+ load UUID=1234-ABCD:/vmlinuz",
        "+ wait TYPE=xfs",
        "- mount LABEL=GENTOO",
        "- mount (part ${esp.disk} 1)",
        "- let d = findfs LABEL=DATA ?",
        "- if let d = findfs LABEL=DATA --wait 1s ? { mount $d }",
        "- mount LABEL=DATA else { recovery }",
        "- mount /dev/vg0/root",
    ),
    "KX803": (
        "+ load $i/isolinux/gentoo",
        "+ boot LABEL=GENTOO:/isolinux/gentoo",
        "+ let d = part ${esp.disk} 1; load $d:/isolinux/gentoo",
        "- load LABEL=DEBIAN:/live/vmlinuz-signed",
        "- boot LABEL=DEBIAN:/live/vmlinuz-signed",
        "- load $i/isolinux/gentoo else { recovery }",
    ),
}
MOUNTED = {"KX503": "OLD_CD", "KX509": "OLD", "KX512": "OLD"}


def test_every_code_that_needs_facts_has_cases() -> None:
    assert set(CASES) == set(WORLDS) == {code.code for code in NEEDING}
    for cases in CASES.values():
        assert sum(case.startswith("+") for case in cases) >= 3
        assert sum(case.startswith("-") for case in cases) >= 3


@pytest.mark.parametrize(
    ("code", "case"), [(code, case) for code, cases in CASES.items() for case in cases]
)
def test_case(code: str, case: str) -> None:
    sign, _, line = case.partition(" ")
    mounts = "let i = mount (part ${esp.disk} 1)\nlet e = mount $esp\nsay $i $e\n"
    if code == "KX608":
        mounts = ""
    if line.startswith("let k = "):
        line = f'let k = "{line.removeprefix("let k = ")}"; load $k'
    text = f"kxs 1\n{mounts}{line}\n"
    codes = [name for name, _ in found(text, WORLDS[code])]
    assert codes.count(code) == (1 if sign == "+" else 0), (codes, text)
    ours = [name for name in codes if name[2] in "4568" or name in ("KX210", "KX211")]
    assert set(ours) <= {code}, text


EXAMPLES = [(name, text) for name, command in COMMANDS.items() for text in command.examples]


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_no_command_s_example_is_found_fault_with(name: str, text: str) -> None:
    """What builtins.md shows does not name disks by number or hold secrets."""
    codes = {code for code, _ in found(f"kxs 1\n{text}\n", None)}
    assert {code for code in codes if code[2] in "4568"} == set()


def test_variables_that_double_stay_small() -> None:
    """Each variable holds the one before it twice: 2 to the power of 60 characters."""
    lines = ['let a0 = "vga=1 "', *(f'let a{n + 1} = "$a{n}$a{n}"' for n in range(60))]
    text = "\n".join(["kxs 1", *lines, "load /tmp/k --cmdline $a60", "say $a60"])
    assert "KX404" not in {code for code, _ in found(text, None)}


def test_a_line_in_a_variable_is_told_once() -> None:
    text = 'kxs 1\nlet a = "vga=1 rootdealy=5"\n' + "load /tmp/k --cmdline $a\n" * 50
    codes = [code for code, _ in found(text, None)]
    assert (codes.count("KX404"), codes.count("KX412")) == (1, 1)


MENU = (
    "label a\n kernel /vmlinuz\n append initrd=/initrd.img ro\n"
    "label gone\n kernel /vmlinuz-gone\n append ro\n"
    "label arm\n kernel /vmlinuz\n append initrd=/gone.img archisolabel=ARCH\n"
    "label hd\n localboot 0x80\n"
)
MENUS = holding(
    "GENTOO", {**BOTH, "/a/isolinux.cfg": MENU, "/b/isolinux.cfg": "default a\n" + MENU}
)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("boot (isolinux-entry $i/b/isolinux.cfg)", []),
        ("boot (isolinux-entry $i/b/isolinux.cfg a)", []),
        ("boot (isolinux-entry $i/b/isolinux.cfg b)", ["KX507"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg gone)", ["KX507"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg hd)", ["KX508"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg arm)", ["KX415", "KX507"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg arm) --initrd $i/initrd.img", ["KX415"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg arm) --initrd $i/initrd.img --cmdline ro", []),
        ("boot (isolinux-entry $i/b/isolinux.cfg arm) --initrd $i/gone --cmdline ro", ["KX507"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg arm) --iso $i/gentoo", ["KX507"]),
        ("boot (isolinux-entry $i/a/isolinux.cfg)", ["KX507"]),
        ("boot (isolinux-entry $i/c/isolinux.cfg)", ["KX507"]),
        ("boot (isolinux-entry $i/b/isolinux.cfg b) else { recovery }", []),
        ("let e = isolinux-entry $i/b/isolinux.cfg b ?; say ${e ?? 1}", []),
        ("say (grep-cmdline-from-isolinux $i/b/isolinux.cfg)", []),
        ("say (grep-cmdline-from-isolinux $i/b/isolinux.cfg --label b)", ["KX507"]),
        ("say (grep-cmdline-from-isolinux $i/b/isolinux.cfg --label hd)", []),
        ("for e in isolinux-entries $i/b/isolinux.cfg { load $e }", ["KX415", "KX507"]),
        ("let all = isolinux-entries $i/b/isolinux.cfg; boot ${all.default}", []),
        ('let l = read $i/gentoo.igz; boot (isolinux-entry $i/b/isolinux.cfg "$l")', []),
    ],
)
def test_entries_of_a_menu(line: str, codes: list[str]) -> None:
    text = f"kxs 1\nlet i = mount (part ${{esp.disk}} 1)\n{line}\nsay $i\n"
    seen = [code for code, _ in found(text, MENUS) if code[2] in "4568"]
    assert sorted(seen) == codes
