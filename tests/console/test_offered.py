"""The list that Tab shows hides nothing of the line, and shows what tells its rows apart."""

from __future__ import annotations

from screen import Screen

from kxsh.console.prompt.offered import in_sight, place_below
from kxsh.text import cells

TITLE = "Advanced options for Debian GNU/Linux > Debian GNU/Linux, with Linux 6.1.0-"


def test_rows_that_begin_alike_show_what_differs() -> None:
    offered = [(f"'{TITLE}{end}'", f"{TITLE}{end}") for end in ("17", "18", "18 (recovery mode)")]
    rows = in_sight(offered, 60, str)
    assert [note for _, note in rows] == ["", "", ""]  # it would say the same
    texts = [text for text, _ in rows]
    assert len(set(texts)) == 3 and max(map(cells, texts)) <= 55
    assert texts[2].endswith("18 (recovery mode)'")


def test_a_note_gets_the_room_that_is_left() -> None:
    assert in_sight([("LABEL=A", "700 MiB")], 20, str) == [("LABEL=A", "700 MiB")]
    for columns in (20, 40, 80):
        rows = in_sight([(TITLE + "17", "grub2 on /dev/sda"), ("b", "x" * 99)], columns, str)
        widths = [max(cells(row[at]) for row in rows) for at in (0, 1)]
        assert sum(widths) + 5 <= columns
    assert in_sight([], 80, str) == []


def test_a_list_stands_below_the_last_row() -> None:
    # "kxsh> " and 14 signs are the first row of 20 columns.
    assert place_below("a" * 10, 4, 6, 20) == (4, 1)
    assert place_below("a" * 30, 2, 6, 20) == (14 + 8, 2)
    assert place_below("a" * 16, 10, 6, 20) == (16, 2)  # the last row is shorter
    assert place_below("a" * 14, 14, 6, 20) == (14, 2)  # the cursor stands in the next row
    assert place_below("ab\ncd", 1, 6, 20) == (4, 2)
    assert place_below("\u6f22" * 8, 0, 6, 21) == (7 + 1, 2)  # none is cut in two


def test_a_line_of_two_rows_stays_in_sight_below_its_first() -> None:
    line = "mount LABEL= --options " + "abcdefghi," * 8
    with Screen("prompt_program.py", term="xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type(line)
        screen.wait("fghi, *$")
        screen.type("\x01" + "\x1b[C" * len("mount LABEL=") + "\t")
        screen.wait("LABEL=KXSH ESP")
        rows = [row for row in screen.text.split("\n") if "kxsh> " in row or "fghi," in row]
        assert "".join(row.rstrip() for row in rows[-2:]) == f"kxsh> {line}"
