"""The proof of a saved script: it is run on a machine as the session's was, and does the same:
what is mounted, opened and loaded, with which command line, which modules and programs."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from scripted import Scripted
from typist import Typist, furnish

FRESH = re.compile(r"/mnt/\d+$")


class Effects:
    """What is so at a session's end, as far as a later boot has to have it too."""

    def __init__(self, at: Scripted) -> None:
        machine, journal = at.machine, at.session.journal
        self.mounts: list[str] = []
        self.unseen: list[str] = []
        for mount in machine.mounts():
            effect = journal.opener(mount)
            path = "" if FRESH.match(mount.path) else mount.path
            words = " ".join((mount.device.path, path, *mount.options, "rw" * mount.writable))
            asked = effect and effect.span and effect.span.text.startswith("mount")
            (self.mounts if asked else self.unseen).append(words)
        self.opened = sorted(re.sub(r"/mnt/\d+", "", str(one)) for one in machine._opened)
        self.loaded = [] if machine.loaded is None else machine.loads[-1]  # type: ignore[attr-defined]
        modules = (one.words for one in machine.actions if one.verb == "load-module")
        self.modules = sorted(set(modules))
        layouts = [one.words for one in machine.actions if one.verb == "keymap"]
        self.keymap = layouts[-1:]
        self.runs = [
            one.words for one in machine.actions if one.verb == "run" and one.words[0] == "lsblk"
        ]
        self.following = [one.number for one in machine.firmware_entries() if one.following]
        files = machine._files["/dev/sda2"].items()
        self.state = {path: data for path, data in files if path.endswith("z.json")}


def replayed(at: Scripted, *options: str) -> tuple[str, Scripted]:
    """Save a session and run what was saved on a machine of its own, up to the jump."""
    shown = at(f"save-script {' '.join(options)} saved.kxs", "y\n")
    assert "wrote /saved.kxs" in shown, shown
    text = at.file("/saved.kxs")
    return text, Scripted(text.removesuffix("exec\n"), furnish=furnish)


def check(at: Scripted, *options: str) -> str:
    before = Effects(at)
    text, again = replayed(at, *options)
    assert again.error is None, f"{again.error}\n{text}"
    assert differences(before, Effects(again)) == [], text
    return text


def differences(before: Effects, after: Effects) -> list[object]:
    # What `SPEC:/path` had mounted may be mounted by a line of its own, or not be needed.
    extra = Counter(after.mounts) - Counter(before.mounts)
    if set(extra) <= set(before.unseen):
        after.mounts = list((Counter(after.mounts) - extra).elements())
    before.unseen = after.unseen = []
    before.mounts.sort()
    after.mounts.sort()
    return [
        (name, value, getattr(after, name))
        for name, value in vars(before).items()
        if value != getattr(after, name)
    ]


# Each a session, line by line; behind `<` what is typed at the line's questions.
SESSIONS = [
    "let m = mount LABEL=GENTOO /mnt/data | load /mnt/data/boot/kernel",
    "let m = mount LABEL=GENTOO | load /mnt/1/boot/kernel",
    "mount LABEL=GENTOO | ls LABEL=TWIN:/ | mount UUID=1234-0001 | load /mnt/2/boot/kernel",
    "load LABEL=GENTOO:/boot/kernel | load /mnt/1/boot/kernel --cmdline late",
    "let m = mount LABEL=GENTOO | umount /mnt/1 | let m = mount UUID=1234-0001"
    " | load $m/boot/kernel",
    "let v = luks-open /dev/sdd1 --key-file LABEL=GENTOO:/key --name c | mount LABEL=INNER /mnt/i"
    " | load /mnt/i/boot/kernel",
    "let v = lvm-activate vg0 | load /dev/vg0/root:/boot/kernel",
    "let d = loop-open LABEL=GENTOO:/rescue.iso | mount LABEL=RESCUE /mnt/r"
    " | load /mnt/r/boot/kernel",
    "if true { mount --keep LABEL=GENTOO /mnt/g; load /mnt/g/nope } | load /mnt/g/boot/kernel",
    "if true { mount --keep /dev/sdc2; fail x } | load /mnt/1/boot/kernel",
    "if true { luks-open --keep /dev/sdd1 --key-file LABEL=GENTOO:/key --name c; fail x }",
    "if true { lvm-activate --keep vg0; modprobe dm_crypt a=1; keymap de; run lsblk -f; fail x }",
    "if true { loop-open --keep LABEL=GENTOO:/rescue.iso; net-up --keep; fail x }",
    "if true { mount --rw --keep UUID=1234-0002 /mnt/w --options noatime; fail x }",
    "if true { load LABEL=GENTOO:/boot/kernel --cmdline 'a \"b\"'; fail x }",
    "if true { load LABEL=GENTOO:/boot/kernel; fail x } | load UUID=1234-0001:/boot/kernel",
    "mount LABEL=GENTOO /mnt/g | if true { umount /mnt/g; fail x } | modprobe ext4",
    "let a = 1; modprobe ext4; fail x | load LABEL=GENTOO:/boot/kernel --cmdline a=$a",
    "let a = 1 | if true { set a = 2; fail x } | load LABEL=GENTOO:/boot/kernel --cmdline a=$a",
    "let l = ['$x'] | if true { set l = [10s, \"it's $l[0]\", [k: null]]; fail x }"
    " | load LABEL=GENTOO:/boot/kernel --cmdline \"${l[0]}\"",
    "let m = mount /dev/sdc2 | edit $m/boot/kernel < + quiet\nload\n",
    "load LABEL=GENTOO:/boot/kernel | edit < + a\nload\n | edit < + b\nload\n"
    " | load $edited --set c=1",
    "load LABEL=GENTOO:/xen --module 'LABEL=GENTOO:/boot/kernel root=\"a:b\" *'"
    " --module LABEL=GENTOO:/boot/initrd --cmdline noreboot | edit < + quiet\nload\n",
    "modprobe ext4 | undo | load LABEL=GENTOO:/boot/kernel",
    "keymap de | keymap fr | undo | next-boot 0002 | next-boot | undo | lsblk -f | undo",
    "load LABEL=GENTOO:/boot/kernel --cmdline a | load LABEL=GENTOO:/boot/kernel | undo",
    "let a = 1; let m = mount LABEL=GENTOO; load LABEL=GENTOO:/boot/kernel",
    "for n in [1, 2] { mount /dev/sdc$n /mnt/c$n }"
    " | for n in [1, 2] { mount --keep /dev/sdc$n /mnt/d$n } | load /mnt/d2/boot/kernel",
    "[(lvm-activate vg0)] | (mount LABEL=ROOT /mnt/r) | load /mnt/r/boot/kernel",
    "mount LABEL=NONE else mount LABEL=GENTOO /mnt/x"
    " | let n = mount LABEL=NONE else mount /dev/sdc1",
    "let s = state z --default [n: 1] | set s.n = 2 | save $s",
    "run fdisk else { modprobe ext4 } | fdisk | entries | boot-menus | say hi | 1 + 2 | plan",
    "fn go(x, c) { load $x/boot/kernel --cmdline $c } | let m = mount LABEL=GENTOO | go $m fast",
    "let c = grep-cmdline-from-isolinux /none else { modprobe ext4 }",
    "load LABEL=GENTOO:/none else { modprobe ext4 } | load LABEL=GENTOO:/boot/kernel",
    "for i in [1, 2] { load LABEL=GENTOO:/boot/kernel } | lvm-activate vg0",
    "lvm-activate vg0 | if true { lvm-activate --keep vg0; fail x } | lvm-activate vg0 | undo",
    "let n = 27 else { modprobe ext4 } | umount /mnt/none else { keymap fr }",
    "set a = 1 | keymap de else { set missing = 2 } | modprobe ext4",
    "load LABEL=GENTOO:/boot/kernel else mount /dev/sdc1 /mnt/c",
    "let s = state z --default [n: 1] | set s.n = 2 | load LABEL=GENTOO:/boot/kernel",
    "net-up | let k = fetch http://boot.lan/vmlinuz | load $k --cmdline x",
    "fetch http://boot.lan/vmlinuz | load /run/kxsh/fetched/vmlinuz",
    "let e = isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg b | load $e --set c=2"
    " | edit < + d=3\nload\n",
    "let all = entries LABEL=GENTOO:/ | edit ${all[0]} < + d=3\nload\n",
    "let menus = boot-menus | load ${menus[0].entries[0]}",
    "for m in boot-menus { for e in $m { if $e.id == 'b' { load $e } } }",
    "md-assemble | mount LABEL=ARRAY /mnt/a | load /mnt/a/boot/kernel",
    "if true { md-assemble --keep; fail x } | mount LABEL=ARRAY /mnt/a | load /mnt/a/boot/kernel",
    "sh | load /media/x/boot/kernel", "sh | umount /media/x | keymap de",
    "retry 3 { modprobe ext4 } | wait LABEL=GENTOO | sleep 1s",
    "if let d = findfs LABEL=NONE ? { modprobe a } else { modprobe b }"
    " | match 'x' { 'x' { modprobe c } else { modprobe d } } | while false { modprobe e }",
    "on-failure reboot 5s | lock off --delay 3s | let t = run --capture lsblk",
    "load LABEL=GENTOO:/boot/kernel --cmdline q | let p = plan | load LABEL=GENTOO:/boot/kernel"
    " | load $p --set z=1",
    "mount LABEL=GENTOO \"/mnt/my dir\" | load \"/mnt/my dir/boot/kernel\"",
    "if true { mount --keep LABEL=GENTOO \"/mnt/my dir\"; fail x }"
    " | load \"/mnt/my dir/boot/kernel\"",
    "try { modprobe a; fail x } else as e { say ${e.message}; modprobe b }",
    "let m = [a: 1] | set m.a = 5 | if true { set m.b = 'q'; fail x }"
    " | load LABEL=GENTOO:/boot/kernel --cmdline \"a=${m.a},${m.b}\"",
    "let i = mount LABEL=GENTOO | cat $i/key | glob $i/boot/* | exists $i/key"
    " | load $i/boot/kernel --iso $i/rescue.iso --cmdline boot=live",
    "mount /dev/sdc1 --rw else mount /dev/sdc2 | load /mnt/1/boot/kernel",
    "mount LABEL=GENTOO /mnt/g; load /mnt/g/nope | load /mnt/g/boot/kernel # and on",
    "if has module ext4 { modprobe ext4 } | menu m --timeout 1s --default a"
    " { entry a --confirm { load LABEL=GENTOO:/boot/kernel }; entry b { say b } }",
]  # fmt: skip


@pytest.mark.parametrize("session", SESSIONS)
def test_a_saved_session_does_the_same(session: str) -> None:
    at = Scripted(furnish=furnish)
    for line in session.split(" | "):
        text, _, typed = line.partition(" < ")
        at(text, typed)
    check(at)


@pytest.mark.parametrize("seed", range(80))
def test_sessions_at_random_do_the_same(seed: int) -> None:
    at = Scripted(furnish=furnish)
    typist = Typist(at, random.Random(seed))
    typist.type(12)
    if "nothing to save yet" in at("save-script saved.kxs"):
        return
    try:
        check(at)
    except AssertionError as error:
        raise AssertionError("\n".join([*typist.typed, "", str(error)])) from None


@pytest.mark.parametrize("seed", range(40))
def test_scripts_at_random_are_put_right(seed: int) -> None:
    dice = random.Random(seed)
    lines = Typist(Scripted(furnish=furnish), dice).statements(8)
    script = "\n".join(["kxs 1", *lines[:4], "fail 'here'", *lines[4:], ""])
    at = Scripted(script, furnish=furnish)
    assert at.error is not None
    assert at.error.message == "here", f"{at.error}\n{script}"
    typist = Typist(at, dice)
    typist.type(5, undoing=False)
    shown = at("save-script --rest saved.kxs")
    text = at.file("/saved.kxs") if "wrote" in shown else shown
    if "ended without starting a kernel" not in at("retry --skip"):
        return  # the rest needs what was not done
    again = Scripted(text.removesuffix("exec\n"), furnish=furnish)
    told = "\n".join([script, *typist.typed, "", text])
    assert again.error is None, f"{again.error}\n{told}"
    assert differences(Effects(at), Effects(again)) == [], told


# The last ones: a variable of a run that is over; what `undo` could not take back of one; what
# an earlier run mounted and loaded of a disk that a line of the last one opens.
@pytest.mark.parametrize("seed", [*range(30), 110, 154, 207, 536, 672, 691, 1205])
def test_scripts_that_run_again_at_random_do_the_same(seed: int) -> None:
    dice = random.Random(seed)
    lines = Typist(Scripted(furnish=furnish), dice).statements(6)
    script = "\n".join(["kxs 1", *lines[:3], "fail 'here'", *lines[3:], ""])
    at = Scripted(script, furnish=furnish)
    typist = Typist(at, dice)
    for _ in range(8):
        again = dice.choice([*[""] * 4, "retry", "retry --skip", "retry --whole", "undo"])
        if again:
            typist.typed.append(again)
            at(again)
        else:
            typist.type(1)
    before = Effects(at)
    shown = at("save-script saved.kxs", "y\n")
    if "nothing to save yet" in shown:
        return
    told = "\n".join([script, *typist.typed, "", shown])
    assert "wrote /saved.kxs" in shown, told
    text = at.file("/saved.kxs")
    after = Scripted(text.removesuffix("exec\n"), furnish=furnish)
    assert after.error is None, f"{after.error}\n{told}\n{text}"
    once = Effects(after)
    # What each run did once more is done once, and a program that an earlier one ran is not.
    before.mounts, once.mounts = sorted({*before.mounts}), sorted({*once.mounts})
    assert {*once.runs} <= {*before.runs}
    before.runs = once.runs = []
    assert differences(before, once) == [], f"{told}\n{text}"
