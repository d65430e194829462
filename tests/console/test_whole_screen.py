"""What takes the whole screen, on a screen that is larger than it knows."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios

import pyte

from kxsh.console.terminal import Terminal
from kxsh.console.whole_screen import WholeScreen


def test_it_stands_at_the_top_of_a_larger_screen() -> None:
    """A serial line of 80x24 gives the size; the video console beside it has 160x50."""
    shown = pyte.Screen(160, 50)
    stream = pyte.ByteStream(shown)
    stream.feed(b"".join(b"before %d\r\n" % number for number in range(60)))
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    with open(slave, "w") as out:
        screen = WholeScreen(Terminal(sys.stdin, out, color=True, serial=False, term="linux"))
        screen.enter_alternate_screen()
        screen.write("first line\nsecond line")
        screen.flush()
        stream.feed(os.read(master, 4096))
        assert [line.rstrip() for line in shown.display if line.strip()] == [
            "first line",
            "second line",
        ]
        assert shown.display[0].startswith("first line")
        screen.quit_alternate_screen()
        screen.flush()
        stream.feed(os.read(master, 4096))
        assert not [line for line in shown.display if line.strip()]
    os.close(master)
