"""A menu on the terminal, as a program to be run on a pty by the tests."""

from __future__ import annotations

import argparse
import sys

from kxsh.commands.context import Choice
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--default", default="e4")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--title", default="Rescue")
    arguments = parser.parse_args()
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
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=arguments.serial)
    try:
        chosen = terminal.choose(arguments.title, choices, arguments.default, arguments.timeout)
    except KxshError as error:
        chosen = type(error).__name__
    terminal.say(f"chosen: {chosen}")


if __name__ == "__main__":
    main()
