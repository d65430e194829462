"""step and retry on real terminals: single keys, and the line editor for what is edited."""

from __future__ import annotations

import pytest
from screen import QUERIES, Screen

TERMINALS = [
    ("xterm", (), 80, 24), ("linux", (), 200, 60), ("vt220", ("--serial",), 80, 24),
    ("vt100", ("--serial",), 40, 10), ("dumb", ("--serial",), 80, 24),
]  # fmt: skip


@pytest.mark.parametrize(("term", "options", "columns", "rows"), TERMINALS)
def test_a_failed_script_is_mended_step_by_step(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    arguments = ("--failed", *options)
    with Screen("prompt_program.py", *arguments, term=term, columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        assert "go on at line 3" in screen.everything
        screen.type("step\r")
        screen.wait(r"^ +3 \| let image = mount LABEL=\$name")
        screen.wait(r"q quit: *$")
        screen.type("\r")
        screen.wait(r"did you mean LABEL=GENTOO\?")
        screen.wait(r"it failed: Enter again")
        screen.type("e")
        if term == "dumb":
            screen.wait(r"new \(Enter keeps it\): *$")
        else:
            screen.wait(r"kxsh> let image = mount LABEL=\$name")
        screen.type("\x15let image = mount LABEL=GENTOO\r")
        screen.wait(r"(?s)3 \| let image = mount LABEL=GENTOO.*quit: *$")
        screen.type("\r")
        screen.wait(r"(?s) +4 \| load \$image/isolinux/gentoo.*quit: *$")
        screen.type("\x03")
        screen.wait("stopped before boot.kxs:4")
        screen.wait_cursor("kxsh>")
        screen.command("mounts", "/mnt/1 +/dev/sda1")
        assert "boot.kxs (edited):3" in screen.text or columns < 60
        screen.command("retry", r"boot\.kxs:4:1")
        screen.command("undo", r"unmounted /mnt/1")
        screen.command("say $name", "GENTO0")
        assert QUERIES.findall(screen.output) == []
        if options:
            assert screen.output.isascii()


def test_the_failed_line_is_edited_in_the_line_editor() -> None:
    with Screen("prompt_program.py", "--failed", term="xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("retry --edit\r")
        screen.wait(r"^kxsh> let image = mount LABEL=\$name")
        screen.type("\x03")
        screen.wait("not changed")
        screen.wait_cursor("kxsh>")
        screen.type("retry --edit\r")
        screen.wait_cursor(r"kxsh> let image = mount LABEL=\$name")
        screen.type("\x7f" * 5 + "GENTOO\r")
        screen.wait(r"(?s)error.*boot.kxs:4:1")
        screen.wait_cursor("kxsh>")
