"""Hostile names while a line is typed: lists, the line below, signatures, suggestions, pastes.

Nothing but printable text and the sequences that draw a screen reach the terminal, and
nothing that it would answer.
"""

from __future__ import annotations

import re
import unicodedata

import pytest
from screen import QUERIES, Screen
from test_typing_screen import settle

# What prompt_toolkit draws with: cursor, erasing, colours, and modes that it sets.
DRAWING = re.compile(
    r"\x1b\[[0-9;]*[A-HJKmPX@]|\x1b\[\?(?:1|7|12|25|2004)[hl]|\x1b\[\?1[hl]|\x1b[78=>]"
)
TERMINALS = [
    ("xterm", (), 80, 24),
    ("linux", (), 200, 60),
    ("vt220", ("--serial",), 80, 24),
    ("vt100", ("--serial",), 40, 10),
]
LINES = [
    "mount \t\t", "mount LABEL=\t\t\t", "mount UUID=id\t\t", "mount PARTUUID=\t\t",
    "mount /dev/\t\t",
    "part ${esp.disk} \t\t", "ls LABEL=X:/names/\t\t", "ls LABEL=X:/names/bad\t",
    "isolinux-entry LABEL=X:/isolinux/isolinux.cfg \t\t\t", "boot \t\t\t", "say $ba\t\t",
    "say ${map.\t\t", "modprobe \t\t", "bad\t\t", "run bad\t\t", "help \t",
    "\x12\x1b[200~\u202e\u2066\x1b[201~",
    "load $image/isolinux/kernel --cmdline 'root=\t", "load x --set root=LABEL=\t\t",
    "mount LABEL=bad\x1b[11~", "ls (hd\t\t", "ls (hd0,1)/\t",
    # pasted
    "\x1b[200~say $\u202eoops \x9b6n\x1b]0;x\x07 'y\x1b[201~",
    "\x1b[200~mont \u2066\u200b\x1b[6n x\x1b[201~",
    "\x1b[200~" + "say $" + "x" * 10_000 + " y\x1b[201~", "\x1b[11~",
]  # fmt: skip


def assert_harmless(screen: Screen, line: str) -> None:
    output = screen.output.decode("utf-8")
    rest = DRAWING.sub("", output)
    bad = {
        character
        for character in rest
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        and character not in "\r\n\x08"
    }
    assert not bad, (
        line,
        bad,
        [
            output[m.start() - 20 : m.end() + 20]
            for m in re.finditer("|".join(map(re.escape, bad)), output)
        ][:3],
    )
    assert QUERIES.findall(screen.output) == []
    for row in screen.lines:
        assert row.isprintable(), (line, row)
    if "--serial" in screen.process.args:
        assert output.isascii(), line


@pytest.mark.slow
@pytest.mark.parametrize(("term", "options", "columns", "rows"), TERMINALS)
def test_only_printable_text_is_drawn(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    with Screen("hostile_program.py", *options, term=term, columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        for line in LINES:
            screen.type(line)
            settle(screen, 0.3)
            assert_harmless(screen, line)
            screen.type("\x07\x03\x03")
            settle(screen, 0.1)
            screen.wait_cursor("kxsh>")
        screen.type("1 + 2\r")
        screen.wait("^3$")
        assert_harmless(screen, "1 + 2")
