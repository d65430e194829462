"""A stick that is pulled out while it is mounted: the kernel still shows what it remembers of
it, and all the rest as if it had never been there."""

from __future__ import annotations

import qemu_monitor
from lab import PATIENCE, PROMPT, Lab

from kxsh.image import tools
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

SCRIPT = 'kxs 1\nlet d = mount LABEL=DATA\nrecovery "here"\n'
GONE = r"a disk is gone: LABEL=DATA \(/dev/sd[a-z]\)"


def test_what_is_asked_of_a_pulled_stick_names_it(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    stick = lab.path(".fat")
    text = lab.path(".txt")
    text.write_text("on the stick\n")
    tools.run(["mkfs.vfat", "-n", "DATA", "-C", stick, str(16 << 10)])
    tools.run(["mmd", "-i", stick, "::folder", "::folder/deep"])
    tools.run(["mcopy", "-i", stick, text, "::folder/deep/file"])
    monitor = lab.path(".monitor")
    machine = VirtualMachine((Disk(image), Disk(stick)), monitor=monitor)
    with lab.boot(machine, "pulled-disk") as guest:
        guest.expect(PROMPT, PATIENCE)
        qemu_monitor.order(monitor, "device_del", id="stick1")
        _ask(guest, "while (findfs LABEL=DATA --wait 0s ?) != null { sleep 200ms }", "")
        _ask(guest, "say (read $d/folder/deep/file)", GONE)
        _ask(guest, "load $d/folder/deep/vmlinuz", GONE)
        _ask(guest, "findfs LABEL=DATA --wait 0s", GONE)
        _ask(guest, "entries $d", GONE)


def _ask(guest: Guest, line: str, wanted: str) -> None:
    guest.send(f"{line}\r")
    if wanted:
        guest.expect(wanted, PATIENCE)
    guest.expect(PROMPT, PATIENCE)
