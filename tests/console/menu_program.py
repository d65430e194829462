"""A menu on the terminal, as a program to be run on a pty by the tests."""

from __future__ import annotations

import argparse
import sys

from editor_program import break_editor

from kxsh.boot.entry import Entry
from kxsh.commands.context import Choice, Offer
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError

# The tests' own imports (argparse) bring some of what is looked for.
BEFORE = set(sys.modules)


def tree() -> list[Choice]:
    """Return what two disks have: an installer's image, and an installed system."""
    stick, disk = '/dev/sda1 "STICK" (1.9 GiB)', '/dev/nvme0n1p2 "root" (256.0 GiB)'
    advanced = "Advanced options for Debian GNU/Linux"
    entries = [
        (stick, Entry("live", "Live system", "/dev/sda1:/live/vmlinuz",
                      ("/dev/sda1:/live/initrd",), "boot=live components quiet splash",
                      source="/dev/sda1:/isolinux/live.cfg", default=True, hotkey="l")),
        (stick, Entry("install", "Graphical install", "/dev/sda1:/install.amd/vmlinuz",
                      ("/dev/sda1:/install.amd/gtk/initrd.gz",), "vga=788 --- quiet",
                      source="/dev/sda1:/isolinux/menu.cfg", hotkey="e")),
        (stick, Entry("memtest", "Memory test", "/dev/sda1:/memtest.bin",
                      source="/dev/sda1:/isolinux/menu.cfg",
                      not_bootable="memtest is a program for the BIOS, which kexec leaves off")),
        (disk, Entry("debian", "Debian GNU/Linux", "/dev/nvme0n1p2:/boot/vmlinuz-6.12",
                     ("/dev/nvme0n1p2:/boot/initrd.img-6.12",), "root=UUID=1-2 ro quiet",
                     source="/dev/nvme0n1p2:/boot/grub/grub.cfg")),
        (disk, Entry("debian-old", "Debian GNU/Linux, with Linux 6.1",
                     "/dev/nvme0n1p2:/boot/vmlinuz-6.1", (), "root=UUID=1-2 ro",
                     source="/dev/nvme0n1p2:/boot/grub/grub.cfg", parents=(advanced,))),
        (disk, Entry("debian-rescue", "Debian GNU/Linux, with Linux 6.1 (recovery mode)",
                     "/dev/nvme0n1p2:/boot/vmlinuz-6.1", (), "root=UUID=1-2 ro single",
                     source="/dev/nvme0n1p2:/boot/grub/grub.cfg", parents=(advanced,),
                     protected=True)),
    ]  # fmt: skip
    return [
        *(Choice(f"e{number}", " > ".join((*entry.parents, entry.title)),
                 fault=entry.not_bootable, heading=heading, entry=entry)
          for number, (heading, entry) in enumerate(entries, 1)),
        Choice("prompt", "Recovery prompt", "r", heading="kxsh"),
    ]  # fmt: skip


def alike() -> list[Choice]:
    """Return entries whose titles, in a narrow window, differ only where they are cut."""
    parents = [f"Advanced options for Debian GNU/Linux {number}" for number in (12, 13)]
    entries = [
        *(Entry(f"r{at}", "Rescue mode of an installed system", f"/k{at}", parents=(parent,))
          for at, parent in enumerate(parents)),
        *(Entry(f"k{at}", f"Debian GNU/Linux, with Linux 6.1.0-{at}-amd64", f"/k{at}")
          for at in (30, 31)),
    ]  # fmt: skip
    return [
        Choice(f"e{number}", " > ".join((*entry.parents, entry.title)), entry=entry)
        for number, entry in enumerate(entries, 1)
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--default", default="e4")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--title", default="Rescue")
    parser.add_argument("--plain", action="store_true", help="no full screen can be had")
    parser.add_argument("--tree", action="store_true", help="entries of menus, with submenus")
    parser.add_argument(
        "--broken", choices=("draw", "press", "edit", "loop"), help="a fault in the screen"
    )
    parser.add_argument("--log", action="store_true", help="show the log at the end")
    parser.add_argument("--confirm", action="store_true", help="entry 4 asks once more")
    parser.add_argument("--alike", action="store_true", help="entries with titles almost alike")
    arguments = parser.parse_args()
    if arguments.broken:
        from kxsh.console.menu import app, controller

        def broken(*_: object) -> None:
            raise RuntimeError("a fault\x1b[2J")

        if arguments.broken == "edit":
            break_editor("draw")
        elif arguments.broken == "loop":
            app.MenuApp._label = broken  # type: ignore[assignment, method-assign]
        elif arguments.broken == "draw":
            app.draw = broken  # type: ignore[assignment]
        else:
            controller.Controller.press = broken  # type: ignore[assignment, method-assign]
    if arguments.plain:
        sys.modules["prompt_toolkit"] = None  # type: ignore[assignment]
    choices = [
        Choice(
            f"e{number}",
            f"Entry {number} gr\u00fc\u00df dich \x1b[2J of a length that no narrow window holds",
            key="s" if number == 3 else "",
            fault="a COM32 module" if number == 2 else "",
            heading="isolinux.cfg" if number < 4 else "grub.cfg",
        )
        for number in range(1, arguments.count + 1)
    ]
    if arguments.tree:
        choices = tree()
    choices[3].confirm = arguments.confirm
    if arguments.alike:
        choices = alike()
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=arguments.serial)
    try:
        offer = Offer(arguments.title, choices, arguments.default, arguments.timeout)
        found = terminal.choose(offer)
        chosen = " ".join((found.id, *found.words))
        if found.entry is not None:
            chosen += f" edited: {found.entry.handover or found.entry.cmdline}"
    except KxshError as error:
        chosen = type(error).__name__
    for line in terminal.log.lines() if arguments.log else ():
        terminal.write(f"log: {line.partition('] ')[2]}\n")
    terminal.say(f"chosen: {chosen}")
    wanted = {"prompt_toolkit", "asyncio", "re", "enum"} - BEFORE
    slow = sorted(name for name in wanted if sys.modules.get(name))
    terminal.say(f"imported: {' '.join(slow) or 'nothing slow'}")


if __name__ == "__main__":
    main()
