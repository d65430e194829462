"""The menu in lines, for terminals that cannot move their cursor: TERM=dumb on a pty.

What comes is read as a teletype would print it: nothing is ever overwritten.
"""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from screen import QUERIES, Screen
from test_access import PASSWORD, QUESTION, ends_outside, locked
from test_live_menu import plugged

# A character that was taken back, as terminals do that.
ERASED = re.compile(r"[^\x08\n]\x08 \x08")


class Paper:
    """A program's menu on paper: lines are typed, and what is printed after each is read."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._read = 0

    def wait(self, wanted: str) -> str:
        """Wait until what was printed since the last line has `wanted`; return it."""
        deadline = time.monotonic() + 30
        while not re.search(wanted, self.printed, re.MULTILINE):
            alive = self.screen.pump()
            if time.monotonic() > deadline or not alive:
                assert re.search(wanted, self.printed, re.MULTILINE), self.printed
        return self.printed

    @property
    def printed(self) -> str:
        """What was printed since the last line; what was typed wrongly is not in it."""
        text = self.screen.everything[self._read :].replace("\r\n", "\n")
        while (erased := ERASED.sub("", text)) != text:
            text = erased
        return text

    def line(self, text: str, wanted: str) -> str:
        """Type a line at the question, and wait for what is wanted after it."""
        self.wait(r"boot: $")
        self._read = len(self.screen.everything)
        self.screen.type(text + "\r")
        return self.wait(wanted)

    def answer(self, question: str, text: str) -> None:
        """Type a line at another question."""
        self.wait(question)
        self._read = len(self.screen.everything)
        self.screen.type(text)


def menu(*arguments: str, columns: int = 80, rows: int = 24) -> Screen:
    return Screen(
        "menu_program.py", "--tree", "--default", "e1", "--serial", *arguments,
        term="dumb", columns=columns, rows=rows,
    )  # fmt: skip


def printed(screen: Screen, *, within: int = 0) -> None:
    """Nothing but lines of printable ASCII came, each within the terminal's width."""
    text = screen.output.decode("ascii").replace("\x08 \x08", "").replace("\r\n", "\n")
    assert re.fullmatch(r"[\n -~]*", text)
    assert max(map(len, text.split("\n"))) < (within or screen.columns)


LIST = """\
Rescue
/dev/sda1 "STICK" (1.9 GiB)
>  1 Live system                                                 default, key l
   2 Graphical install                                                installer
   3 Memory test                                                   cannot start
/dev/nvme0n1p2 "root" (256.0 GiB)
   4 Debian GNU/Linux
  +1 Advanced options for Debian GNU/Linux                            2 entries
kxsh
   7 Recovery prompt                                                      key r
Number or label, then Enter; e 1 edits, p 1 plans, / finds, m machine, ? help
Enter starts 1 Live system; boot: """


def test_the_list_and_what_enter_does() -> None:
    with menu() as screen:
        paper = Paper(screen)
        assert paper.wait("boot: $") == LIST
        paper.line("", "chosen: e1")
        printed(screen)


def test_everything_that_an_expert_needs() -> None:
    with menu() as screen:
        paper = Paper(screen)
        opened = paper.line("+1", "Enter closes -1 Advanced options")
        assert re.search("^ +5   Debian GNU/Linux, with Linux 6.1$", opened, re.MULTILINE)
        paper.line("-1", r"^> \+1 Advanced options")
        paper.line("+2", "there is no submenu 2")
        found = paper.line("/ debian recovery", "These match; / alone lists all")
        assert "6 Advanced" in found and "Live system" not in found
        paper.line("/nothing of that", "nothing matches `nothing of that`\n(.|\n)*^boot: $")
        paper.line("/", "1 Live system")
        paper.line("g", "nomodeset is added to the command line")
        paper.line("s", "console=ttyS0,115200 is added")
        paper.line("s", "console=ttyS0,115200 is not added any more")
        plan = paper.line("p 5", "^added to the command line: nomodeset")
        assert re.search(r"^Plan: .*6.1\n kernel .*vmlinuz-6.1\n cmdline ", plan, re.MULTILINE)
        paper.line("p", "^Plan: Advanced options")
        paper.line('plan "Memory test"', "It cannot start: memtest is a program for the BIOS")
        paper.line("w", "nothing has failed")
        help = paper.line("help", "Ctrl-C +leave")
        for said in ("2 ", "+1  -1", "/ word", "e 2", "p 2", "g ", "s ", "c ", "m ", "w "):
            assert re.search(f"^ {re.escape(said)}", help, re.MULTILINE), said
        paper.line("e debian", r"^edit> $")
        paper.answer("edit> $", "+ single\r")
        paper.answer("7 single(.|\n)*edit> $", "keep\r")
        paper.wait("edited, for this start only")
        paper.line("debian extra=1", "chosen: e4 nomodeset extra=1 edited: .*quiet single")
        printed(screen)


def test_an_installer_is_asked_about() -> None:
    with menu() as screen:
        paper = Paper(screen)
        paper.line("2", "This looks like an installer: its title says `install`")
        paper.answer("y / n: $", "\r")
        paper.line("install", "may erase disks")
        paper.answer("y / n: $", "yes please\r")
        paper.line("2", "may erase disks")
        paper.answer("y / n: $", "y\r")
        paper.wait("chosen: e2")


def test_what_is_not_understood_starts_nothing() -> None:
    with menu() as screen:
        paper = Paper(screen)
        for line, said in [
            ("0", "there is no number 0"), ("8", "there is no number 8"), ("99999999", "no number"),
            ("e22", "no entry has the label e22"), ("e nothing", "no entry has the label nothing"),
            ("e 4 x", "no entry has the label 4 x"),
            ("p 9", "there is no number 9"), ("3", "cannot start: memtest"), ("q", "label q"),
            ("install-it", "no entry has the label install-it"), ("y", "no entry has the label y"),
            (": ", "boot: $"), ('"', "boot: $"), ("-", "1 Live"), ("/zzz", "nothing matches"),
        ]:  # fmt: skip
            paper.line(line, said)
        chance = random.Random(7)
        known = re.compile(r"\s*:?\s*(\"?(live|install|memtest|debian)|[1-7lrecm]\b|e[1-7]\b).*|")
        for _ in range(60):
            line = "".join(chance.choice("abhox98 -+/.,!$\x15\t\x1b\\'") for _ in range(8))
            left = re.split("[\x15\x1b]", line)[-1]  # these two give the line up
            if len(left) > 1 and not known.fullmatch(left):
                paper.line(line, "boot: $")
        assert "chosen" not in screen.everything
        paper.line("/", "1 Live")
        paper.line("\x15:r", "no entry has the label r")  # a key is no label
        paper.line("r", "chosen: prompt")


def test_a_line_can_be_corrected_completed_and_given_up() -> None:
    with menu() as screen:
        paper = Paper(screen)
        paper.wait("boot: $")
        screen.type("debian-\t")
        paper.wait("boot: debian-$")
        paper.wait("^  debian-old     .*\n  debian-rescue  .*recovery mode")
        screen.type("x\x7fol\t")
        paper.wait("debian-old $")
        screen.type("\x1b")
        paper.wait("boot: debian.*\n.*boot: $")
        screen.type("gra\t")
        paper.wait('boot: "Graphical install" $')
        screen.type("\x15")
        screen.type("4\x156\x7f5 a\r")
        screen.wait("chosen: e5 a")


def test_the_countdown_is_printed_not_overwritten() -> None:
    with menu("--timeout", "3") as screen:
        screen.wait("^Starting Live system in 3 s - any key stops\n2 1\nStarting Live system\\.")
        screen.wait("chosen: e1")
        screen.wait("imported: nothing slow")
        printed(screen)


def test_the_key_that_stops_the_countdown_counts() -> None:
    with menu("--timeout", "10") as screen:
        paper = Paper(screen)
        paper.wait("any key stops")
        screen.type("d")
        printed_again = paper.wait("boot: d$")
        assert printed_again.count("Graphical install") == 1
        time.sleep(10.5)  # longer than the countdown
        screen.pump()
        assert "chosen" not in screen.text
        screen.type("ebian\r")
        paper.wait("chosen: e4")
        printed(screen)
    with menu("--timeout", "60") as screen:  # nothing that was not meant is complained of
        paper = Paper(screen)
        paper.wait("any key stops")
        screen.type("x\r")
        paper.wait("countdown is over; [?] shows all keys\n(.|\n)*boot: $")
        assert "no entry has" not in screen.everything
        paper.line("x", "no entry has the label x")
    with menu("--timeout", "60") as screen:
        screen.wait("any key stops")
        screen.type("l")
        screen.wait("chosen: e1")


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (200, 60)])
def test_long_lists_in_parts(columns: int, rows: int) -> None:
    arguments = ("--count", "90", "--serial")
    with Screen("menu_program.py", *arguments, term="dumb", columns=columns, rows=rows) as screen:
        paper = Paper(screen)
        first = paper.wait("more below: [+] shows them(.|\n)*boot: $")
        assert first.count("\n") <= rows
        paper.line("+", "more above: - shows them")
        paper.answer("boot: $", "\x1b[F")  # End
        paper.line("/", "90 Entry 90")
        paper.line("-", "more below")
        paper.line("p 77", "^Plan: Entry 77")
        paper.line("77", "chosen: e77")
        printed(screen)


# -- on a machine


def test_the_machine_the_prompt_and_back(tmp_path: Path) -> None:
    with plugged(tmp_path, "broken", "stick", "--serial", term="dumb") as (screen, orders):
        paper = Paper(screen)
        paper.line("m", r"^  r Restart the machine\n(.|\n)*letter .Enter alone: back.: $")
        paper.answer("back.: $", "x\r")
        paper.wait("there is no letter x there: nothing was done")
        paper.line("m", "n What the firmware")
        paper.answer("back.: $", "n\r")
        listed = paper.wait(r"number .Enter alone: back.: $")
        assert re.search(r"^  1\) 0000 UiApp\n  2\) 0001 Win\\x1b\]52.*started this machine",
                         listed, re.MULTILINE)  # fmt: skip
        paper.answer("back.: $", "01\r")
        paper.wait("there is no number 01 there: nothing was done")
        paper.line("m", "n What the firmware")
        paper.answer("back.: $", "n\r")
        paper.answer("number .*back.: $", "1\r")
        paper.wait("the firmware starts UiApp next")
        paper.line("c", "Recovery prompt: `exit` or Ctrl-D goes back to the menu")
        paper.answer("kxsh> $", "say outside$\r")
        paper.answer("kxsh> $", "exit\r")
        paper.line("1", "the last start failed .w: why.: kernel not found")
        paper.line("w", "what: +not-found")
        import os

        os.write(orders, b"add disk\n")
        paper.wait(r"the disks changed: 2 new\n(.|\n)*boot: $")
        paper.line("g", "nomodeset is added")
        paper.line("gamma more", "ended: jump .*root=/dev/gamma quiet nomodeset more")
        printed(screen)


def test_hostile_texts_in_every_line() -> None:
    with Screen("live_menu_program.py", "hostile", "--serial", term="dumb") as screen:
        paper = Paper(screen)
        paper.answer("any key stops", "x\x15")
        for number in range(1, 12):
            paper.line(f"p {number}", "^Plan: ")
            paper.line(f"e {number}", "edit> $")
            paper.answer("edit> $", "q\r")
        paper.line("/h", "boot: $")
        paper.answer("boot: $", ":h\t")
        paper.answer("boot: :h$", "\x1b")  # apart from what follows, with which it is an Alt key
        paper.line("\x15\x9b6n\u202e\x9d", "boot: $")
        paper.line("/\x07\u202e", "boot: $")
        screen.type("\x03")
        paper.wait("ended: Interrupted")
        printed(screen, within=2100)  # the editor shows words whole
        assert QUERIES.findall(screen.output) == []


# -- a locked machine


def test_a_locked_menu(tmp_path: Path) -> None:
    """The default and what is free start; all else asks, and nothing typed gets around it."""
    with locked(tmp_path, "--script", "menu", term="dumb") as screen:
        paper = Paper(screen)
        paper.answer("any key stops", "x\x15")
        for line in ("2", "b", "b word", "1 word", ": a init=/bin/sh"):
            paper.line(line, QUESTION)
            paper.answer(QUESTION, "\r")
            paper.wait("that is not allowed here")
        paper.line("g", "nomodeset is added")
        paper.line("1", QUESTION)  # with another command line it is another entry
        paper.answer(QUESTION, "\r")
        paper.line("g", "not added any more")
        paper.line("m", "What the firmware")
        paper.answer("back.: $", "n\r")
        paper.wait(QUESTION)
        paper.answer(QUESTION, "\x03")
        paper.wait("that is not allowed here")
        for inside in ("kxsh>", "A SHELL RAN", "STARTED"):
            assert inside not in screen.everything
        paper.line("2", QUESTION)
        paper.answer(QUESTION, PASSWORD + "\r")
        paper.wait("ANOTHER STARTED")
        assert PASSWORD not in screen.everything
    with locked(tmp_path, "--script", "menu", term="dumb") as screen:
        paper = Paper(screen)
        paper.answer("any key stops", "1")
        paper.answer("boot: 1$", "\r")
        paper.wait("DEFAULT STARTED")
    with locked(tmp_path, "--script", "menu", term="dumb") as screen:
        paper = Paper(screen)
        paper.answer("any key stops", "x\x15")
        paper.line("c", "FREE STARTED")
    with locked(tmp_path, "--script", "menu", term="dumb") as screen:
        paper = Paper(screen)
        paper.answer("any key stops", "x\x15")
        paper.answer("boot: $", "\x03")
        paper.answer(QUESTION, "\r")
        ends_outside(screen)
