"""A countdown on the terminal, as a program to be run on a pty by the tests."""

from __future__ import annotations

import sys

from kxsh.console.terminal import Terminal

if __name__ == "__main__":
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=True)
    pressed = terminal.key_within(float(sys.argv[1]), "restarting in {left}; any key stops")
    terminal.say(f"pressed: {pressed}")
