"""Keys that have to work when nothing else does: a filesystem that is frozen takes whoever
writes to it as a dying disk does, and no signal ends that."""

from __future__ import annotations

import time

import qemu_monitor
from lab import PATIENCE, PROMPT, Lab

from kxsh.image import tools
from kxsh.image.guest import Guest, GuestTimeout
from kxsh.image.qemu import Disk, VirtualMachine

SCRIPT = 'kxs 1\nfail "broken on purpose"\n'


def test_two_presses_leave_behind_what_hangs_in_the_kernel(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    disk = lab.path(".ext4")
    tools.run(["mke2fs", "-q", "-t", "ext4", "-L", "STUCK", disk, "16M"])
    monitor = lab.path(".monitor")
    machine = VirtualMachine((Disk(image), Disk(disk)), monitor=monitor)
    with lab.boot(machine, "stuck") as guest:
        guest.expect(PROMPT, PATIENCE)
        for line in (
            "mount LABEL=STUCK /mnt/stuck --rw",
            "run busybox fsfreeze --freeze /mnt/stuck",
        ):
            guest.send(f"{line}\r")
            guest.expect(PROMPT, PATIENCE)
        _watch_for(guest, "python3*")
        guest.send("save-script /mnt/stuck/new.kxs\r")
        guest.expect("^IT HANGS", PATIENCE)
        guest.send("\x03")
        time.sleep(0.5)
        guest.send("\x03")
        guest.expect("stopped by two Ctrl-C: starting again", PATIENCE)
        guest.expect("hangs in the kernel, and is left behind", PATIENCE)
        guest.expect("stopped by two Ctrl-C, and kxsh was started again", PATIENCE)
        guest.expect("started from /dev/sd", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        _watch_for(guest, "sh")
        guest.send("run sh -c 'echo x >/mnt/stuck/x'\r")
        guest.expect("^IT HANGS", PATIENCE)
        guest.send("\x03")
        guest.expect("sh hangs in the kernel, and is left behind", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        guest.send("why --save\r")
        guest.expect("wrote /kxsh/reports/report", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        qemu_monitor.press(monitor, "ctrl", "alt", "delete")
        assert guest.wait(PATIENCE) == 0


def test_every_way_out_has_an_end(lab: Lab) -> None:
    """With a disk that takes nothing any more `exec` is a failure which names it, and `reboot`
    restarts."""
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    disk, monitor = lab.path(".ext4"), lab.path(".monitor")
    tools.run(["mke2fs", "-q", "-t", "ext4", "-L", "STUCK", disk, "16M"])
    machine = VirtualMachine((Disk(image), Disk(disk, bus="virtio")), monitor=monitor)
    with lab.boot(machine, "ways-out") as guest:
        guest.expect(PROMPT, PATIENCE)
        for line in (
            "let image = mount LABEL=LEGACY_ISO",
            "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz --cmdline quiet",
            "mount LABEL=STUCK /mnt/stuck --rw",
        ):
            guest.send(f"{line}\r")
            guest.expect(PROMPT, PATIENCE)
        qemu_monitor.choke(monitor, 1)
        guest.send("run sh -c 'head -c 1000000 /dev/zero >/mnt/stuck/x'\r")
        guest.expect(PROMPT, PATIENCE)
        guest.send("exec\r")
        guest.expect(r"^waiting: closing LABEL=STUCK \(/dev/vda\)", PATIENCE)
        guest.expect(r"LABEL=STUCK .*does not end,\s+so\s+gentoo\s+was\s+not\s+started", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        guest.send("reboot\r")
        guest.expect("^restarting the machine", PATIENCE)
        guest.expect(r"does\s+not\s+end:\s+restarting\s+without\s+it", PATIENCE)
        assert guest.wait(PATIENCE) == 0


def _watch_for(guest: Guest, name: str) -> None:
    """Let the serial line be told when a process of that name hangs in the kernel: one that
    is left behind does not count, nor does one that is only at a slow disk."""
    states = f'grep -h "({name}) D" /proc/[0-9]*/stat | wc -l'
    guest.send(
        f"run sh -c '(old=$({states}); n=0; while [ $n -lt 4 ]; do sleep 0.5; n=$((n+1));"
        f' [ $({states}) -gt $old ] || n=0; done; echo; echo IT "HANGS") >/dev/ttyS0 2>&1 &\'\r'
    )
    guest.expect(PROMPT, PATIENCE)


def test_presses_from_the_first_moment_on_end_nothing(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "presses") as guest:
        for _ in range(500):
            guest.send("\x03")
            try:
                guest.expect(PROMPT, 0.3)
                break
            except GuestTimeout:
                continue
        for _ in range(10):
            guest.send("\x03")
            time.sleep(0.1)
        guest.send("say (1 + 1) alive\r")
        guest.expect("^2 alive", PATIENCE)
        assert "ended unexpectedly" not in guest.serial.text
