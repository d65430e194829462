"""A failed script is mended at the prompt and goes on; keys that stop things stop them."""

from __future__ import annotations

from pathlib import Path

import qemu_monitor
from lab import PATIENCE, PROMPT, TARGET_LINE, Lab

from kxsh.image import tools
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

SCRIPT = """\
kxs 1
let name = "NOWHERE"
let image = mount LABEL=$name
load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz
  --cmdline "console=ttyS0 typed=went-on"
exec
"""


def test_goes_on_from_the_failed_line(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "going-on") as guest:
        guest.expect(r"boot\.kxs:3:\d+", PATIENCE)
        guest.expect(r"retry +go on at line 3", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        _type(guest, "undo --list", r'boot\.kxs:2: let name = "NOWHERE"')
        _type(guest, "why --save", r"wrote /kxsh/reports/report-\S+\.txt on /dev/sd")
        _stop(guest, "say one; sleep 60s", r"interrupted while sleeping|stopped by Ctrl-C")
        _stop(guest, "run sh -c 'echo one; exec sleep 60'", r"sh was ended by SIGINT")
        _type(guest, "disks --menus", r"menu isolinux /isolinux/isolinux\.cfg")
        _type(guest, 'set name = "LEGACY_ISO"', "")
        _type(guest, "run sh -c 'mkdir -p /x; mount -t tmpfs none /x'", "")
        _type(guest, "history on", r"kxsh/history on /dev/sd")
        _type(guest, "retry --edit\x15", "")
        guest.send("retry\r")
        assert guest.expect(TARGET_LINE, PATIENCE)[1].startswith("console=ttyS0 typed=went-on")


def test_a_line_that_was_mended_for_good_is_so_at_the_next_start(lab: Lab) -> None:
    script = SCRIPT.replace("LABEL=$name", "LABEL=NOWHERE").replace("let name", "# let name")
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    for start in ("mended", "and-again"):
        with lab.boot(VirtualMachine((Disk(image, writable=True),)), start) as guest:
            if start == "mended":
                guest.expect(r"retry --edit --save +mend it for good", PATIENCE)
                guest.expect(PROMPT, PATIENCE)
                guest.send("retry --edit --save\r")
                guest.expect(r"let image = mount LABEL=NOWHERE", PATIENCE)
                guest.send("\x15let image = mount LABEL=LEGACY_ISO\r")
                guest.expect(r"wrote /EFI/BOOT/boot\.kxs on /dev/sd", PATIENCE)
            assert guest.expect(TARGET_LINE, PATIENCE)[1].startswith("console=ttyS0 typed=went-on")


def test_on_a_cd_a_line_is_mended_for_this_boot(lab: Lab) -> None:
    script = SCRIPT.replace("LABEL=$name", "LABEL=NOWHERE").replace("let name", "# let name")
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    with lab.boot(VirtualMachine((Disk(image, cd=True),)), "mended-cd") as guest:
        said = guest.expect(rf"(?s)retry +go on at line 3(.*?){PROMPT}", PATIENCE)[1]
        assert "mend it for good" not in said
        _type(guest, "why --save", r"(?s)write-protected.*why --to LABEL=DATA:/report\.txt")
        guest.send("retry --edit --save\r")
        guest.expect(r"let image = mount LABEL=NOWHERE", PATIENCE)
        guest.send("\x15let image = mount LABEL=LEGACY_ISO\r")
        guest.expect(r"save-script --rest LABEL=DATA", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        guest.send("retry\r")
        assert guest.expect(TARGET_LINE, PATIENCE)[1].startswith("console=ttyS0 typed=went-on")


def test_undo_edit_and_save_on_a_real_machine(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "undo") as guest:
        guest.expect(PROMPT, PATIENCE)
        _type(guest, "let image = mount LABEL=LEGACY_ISO", "")
        load = "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz"
        _type(guest, f"{load} --cmdline console=ttyS0", "")
        guest.send("edit\r")
        guest.expect(r"kernel: a console for messages", PATIENCE)
        guest.send("\x05 typed=edited")
        guest.expect(r"edited", PATIENCE)
        guest.send("\x18")
        guest.expect(r"loaded; `exec` starts it", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        _type(guest, "save-script saved.kxs", r"wrote /saved\.kxs on /dev/sd\w+: \d lines")
        _type(guest, "undo", r"was new, and stays")
        _type(guest, "undo", r"unloaded .*kexec -u")
        _type(guest, "plan", r"cmdline +console=ttyS0")
        _type(guest, "undo", r"nothing is loaded now")
        _type(guest, "exec --dry-run", r"nothing is loaded")
        _type(guest, "undo", r"unmounted /")
        _type(guest, "step saved.kxs", r"Enter run")
        guest.send("c")
        assert "typed=edited" in guest.expect(TARGET_LINE, PATIENCE)[1]


def test_control_alt_delete_restarts(lab: Lab) -> None:
    """What is mounted writable is clean afterwards, though a disk that was mounted later
    hangs, and a program writes to another."""
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), b'kxs 1\nrecovery "here"\n')
    quiet, busy, stuck = lab.path(".quiet"), lab.path(".busy"), lab.path(".stuck")
    for disk, label in ((quiet, "QUIET"), (busy, "BUSY")):
        tools.run(["mkfs.vfat", "-F", "16", "-n", label, "-C", disk, "16384"])
    tools.run(["mke2fs", "-q", "-t", "ext4", "-L", "STUCK", stuck, "16M"])
    monitor = lab.path(".monitor")
    others = [Disk(disk, writable=True) for disk in (quiet, busy)]
    others.append(Disk(stuck, bus="virtio"))
    machine = VirtualMachine((Disk(image), *others), monitor=monitor)
    with lab.boot(machine, "control-alt-delete") as guest:
        guest.expect(PROMPT, PATIENCE)
        for label in ("QUIET", "BUSY", "STUCK"):
            _type(guest, f"mount LABEL={label} /mnt/{label} --rw", "")
        _type(guest, "run sh -c 'echo kept >/mnt/QUIET/kept.txt'", "")
        _type(guest, "run sh -c 'exec sleep 1000 >/mnt/BUSY/open.txt &'", "")
        qemu_monitor.choke(monitor, 3)
        _type(guest, "run sh -c 'head -c 1000000 /dev/zero >/mnt/STUCK/x'", "")
        assert _is_dirty(quiet) and _is_dirty(busy)
        qemu_monitor.press(monitor, "ctrl", "alt", "delete")
        guest.expect("^Restarting the machine", PATIENCE)
        assert guest.wait(PATIENCE) == 0
    assert not _is_dirty(quiet) and not _is_dirty(busy)
    assert tools.run(["mtype", "-i", quiet, "::/kept.txt"]) == b"kept\n"


def _is_dirty(image: Path) -> bool:
    """Tell whether a FAT16 filesystem was not unmounted: its boot sector says so."""
    return bool(image.read_bytes()[0x25] & 1)


def _type(guest: Guest, text: str, wanted: str) -> None:
    guest.send(text + ("" if text.endswith("\x15") else "\r"))
    if wanted:
        guest.expect(wanted, PATIENCE)
    if not wanted.startswith("Enter") and not text.endswith("\x15"):
        guest.expect(PROMPT, PATIENCE)


def _stop(guest: Guest, text: str, wanted: str) -> None:
    guest.send(text + "\r")
    guest.expect(r"^one$", PATIENCE)
    guest.send("\x03")
    guest.expect(wanted, PATIENCE)
    guest.expect(PROMPT, PATIENCE)
