"""The entry editor, as a program to be run on a pty by the tests."""

from __future__ import annotations

import argparse
import sys

from kxsh.boot.entry import Entry
from kxsh.console.edit.editor import edit_entry
from kxsh.console.terminal import Terminal

HOSTILE = "evil\x1b]52;c;cm0=\x07\x9b6n\u202e"


def entry(arguments: argparse.Namespace) -> Entry:
    if arguments.hostile:
        name = HOSTILE + "x" * 10_000
        return Entry("x", name, "/" + HOSTILE, ("/i" + name,), f"a={name} {HOSTILE} b")
    if arguments.many:
        words = " ".join(f"word{number}={number}" for number in range(300))
        return Entry("many", "Many words", "/vmlinuz", ("/initrd.img",), words)
    return Entry(
        "gentoo", "Gentoo Linux", "/isolinux/gentoo", ("/isolinux/gentoo.igz",),
        "root=/dev/ram0 init=/linuxrc  quiet usbcore.autosuspend=-1 dokeymap TERM=linux single",
    )  # fmt: skip


def break_editor(where: str) -> None:
    """Put a fault into the full screen: in its drawing, or in what Tab does."""
    from kxsh.console.edit import editor_screen

    def broken(*_: object) -> None:
        raise RuntimeError("a fault\x1b[2J")

    if where == "draw":
        editor_screen.EditorScreen._heading = broken  # type: ignore[assignment, method-assign]
    else:
        editor_screen.complete = broken  # type: ignore[assignment]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--many", action="store_true")
    parser.add_argument("--missing", action="store_true", help="prompt_toolkit is not there")
    parser.add_argument("--broken", choices=("draw", "press"), help="a fault in the screen")
    arguments = parser.parse_args()
    if arguments.broken:
        break_editor(arguments.broken)
    if arguments.missing:
        sys.modules["prompt_toolkit"] = None  # type: ignore[assignment]
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=arguments.serial)
    given = entry(arguments)
    edited = edit_entry(terminal, given)
    terminal.say("given up" if edited is None else "unchanged" if edited is given else "edited")
    if edited is not None:
        print("kernel", ascii(edited.kernel), flush=True)
        print("initrds", ascii(edited.initrds), flush=True)
        print("cmdline", ascii(edited.cmdline[:300]), flush=True)


if __name__ == "__main__":
    main()
