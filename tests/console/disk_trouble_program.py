"""A script's live menu on a made-up machine whose disks hang, fail, and are exchanged.

Lines of a FIFO say what happens, and each is answered in a file beside it: ``add NAME`` and
``remove NAME`` as in live_menu_program, ``exchange NAME`` (another disk in its place), ``hang``
(who looks at the disks waits) and ``go``, ``break`` (no word of changes comes) and ``mend``,
``spoil`` (what the firmware can start is not told any more), ``wake`` (an hour's sleep is
over). ``hung`` waits until somebody waits for the disks, ``settled`` until nobody looks at them
any more.
"""

from __future__ import annotations

import sys
import threading
import time

from live_menu_program import DISKS, KERNEL, SlowMachine

from kxsh.console.interrupts import abandonable
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine import passwords
from kxsh.machine.memory_root import Tree
from kxsh.machine.protocol import Device, Ended, FirmwareEntry
from kxsh.record import replace
from kxsh.source import Source
from kxsh.text import display

NAMED = """\
kxs 1
menu "Rescue" {time} --live {
  let d = findfs LABEL=STICK --wait 0s
  entry a "Alpha $d" { say "BOOTED a" }
  entry b "Beta" { say "BOOTED b" }
}
"""
FOUND = """\
kxs 1
menu "Rescue" {time} --live {
  for e in entries { entry ${e.id} ${e.title} --boots $e { boot $e } }
}
"""
PASSWORD = "secret"
LOCKED = """\
kxs 1
lock password 'HASH'
menu "Kiosk" {time} {
  for m in boot-menus {
    for e in $m { entry ${e.id} ${e.title} --boots $e --under ${m.place} { boot $e } }
  }
  entry second "Second" { say "second" }
}
"""
FALLBACK = """\
kxs 1
lock password 'HASH'
menu "Kiosk" {time} --fallback alpha {
  entry first "First" { say "first runs"; sleep 1h; fail "as it does" }
  for e in entries { entry ${e.id} ${e.title} --boots $e { boot $e } }
}
"""
# What GRUB lets everybody start starts, and nothing else.
GUARDED = """\
kxs 1
for m in boot-menus { lock password --menu $m }
menu "Kiosk" {time} {
  for m in boot-menus {
    for e in $m { entry ${e.id} ${e.title} --boots $e { boot $e } }
  }
}
"""
GRUB: dict[str, bytes | str] = {
    "/k": KERNEL["/k"],
    "/boot/grub/grub.cfg": """\
set superusers="root"
password root secret
menuentry "Open to all" --id open --unrestricted { linux /k root=/dev/open }
menuentry "For root" --id root { linux /k root=/dev/root }
""",
    "/boot/grub/i386-pc/normal.mod": b"",
}
DISKS["grub"] = Device("/dev/sdf1", uuid="F", fstype="ext4", disk="/dev/sdf"), GRUB
# What is mounted once stays mounted, also where its disk is pulled.
MOUNTED = """\
kxs 1
let d = mount LABEL=STICK
menu "Rescue" {time} {
  for e in entries $d { entry ${e.id} ${e.title} --boots $e { boot $e } }
}
"""
LACKING = """\
kxs 1
let d = mount LABEL=STICK
menu "Rescue" {time} { entry a "Alpha" { load $d/none } }
"""
SCRIPTS = {
    "mounted": MOUNTED,
    "lacking": LACKING,
    "named": NAMED,
    "found": FOUND,
    "locked": LOCKED,
    "guarded": GUARDED,
}
DEFAULT = FOUND.replace("--live", "--default alpha --live").replace(
    "  for", '  entry other "Other" { say "BOOTED other" }\n  for'
)
SCRIPTS |= {"default": DEFAULT, "fallback": FALLBACK}


class TroubledMachine(SlowMachine):
    going = threading.Event()
    hung = threading.Event()
    woken = threading.Event()
    broken = spoilt = False
    looked = 0.0

    def devices(self) -> list[Device]:
        if not self.going.is_set():
            self.hung.set()
            self.going.wait()
        self.looked = time.monotonic()
        return super().devices()

    def sleep(self, seconds: float) -> None:
        if seconds >= 3600:
            self.woken.wait()
        super().sleep(seconds)

    @property
    def changed(self) -> bool:
        return self._changed

    def firmware_entries(self) -> list[FirmwareEntry]:
        if self.spoilt:
            raise RuntimeError("firmware \x1b[2J")
        return super().firmware_entries()

    def wait_for_change(self, deadline: float) -> bool:
        if self.broken:
            raise OSError(5, "udev \x1b[2J is gone")
        return super().wait_for_change(deadline)


def exchange(machine: TroubledMachine, device: Device, tree: Tree) -> None:
    machine.remove(device.path)
    evil = {
        name: data.replace("APPEND", "APPEND init=/bin/sh") if isinstance(data, str) else data
        for name, data in tree.items()
    }
    machine.add(replace(device, uuid="Z"), evil)


def obey(machine: TroubledMachine, name: str) -> None:
    with open(name, encoding="ascii") as orders, open(f"{name}.done", "w") as done:
        for order in orders:
            verb, _, name = order.strip().partition(" ")
            if verb == "add":
                machine.add(*DISKS[name])
            elif verb == "remove":
                machine.remove(DISKS[name][0].path)
            elif verb == "exchange":
                exchange(machine, *DISKS[name])
            elif verb == "hang":
                machine.going.clear()
            elif verb == "go":
                machine.going.set()
            elif verb == "wake":
                machine.woken.set()
            elif verb == "hung":
                machine.hung.wait()
            elif verb == "settled":
                while machine.changed or time.monotonic() < machine.looked + 1:
                    time.sleep(0.05)
            elif verb == "spoil":
                machine.spoilt = True
            elif verb in ("break", "mend"):
                machine.broken = verb == "break"
            print("done", file=done, flush=True)


def main() -> None:
    name, options, orders = sys.argv[1:]
    device, tree = DISKS["grub" if name == "guarded" else "stick"]
    machine = TroubledMachine([device], {device.path: tree})
    machine.going.set()
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=False)
    interpreter = Interpreter(machine, terminal, esp=device)
    terminal.interpreter = interpreter
    threading.Thread(target=obey, args=(machine, orders), daemon=True).start()
    try:
        script = SCRIPTS[name].replace("{time}", options).replace("HASH", passwords.make(PASSWORD))
        with abandonable():
            interpreter.run_script(Source("boot.kxs", script))
        terminal.say("ended: by itself")
    except Ended as end:
        loaded = machine.loaded.cmdline if machine.loaded else ""
        terminal.say(f"ended: {end.how} {display(loaded, 60)}")
    except KxshError as error:
        terminal.say(f"ended: {type(error).__name__} {display(error.message, 60)}")


if __name__ == "__main__":
    main()
