"""What the prompt says of a line that is being typed: faults, and no false alarms."""

from __future__ import annotations

import io
import time

import pytest
from machines import machine

from kxsh.console.prompt.findings import Findings, note
from kxsh.console.prompt.session import Session
from kxsh.console.terminal import Terminal
from kxsh.interpreter.interpreter import Interpreter

# Right as they stand; so nothing may be told of any beginning of them.
RIGHT = [
    "mount LABEL=GENTOO",
    "let m = mount LABEL=GENTOO --type iso9660",
    'load LABEL=GENTOO:/isolinux/gentoo --initrd=$image/x --cmdline "root=/dev/ram0 quiet"',
    "load $image/isolinux/gentoo --set console=ttyS0 --set quiet --method file",
    "let c = grep-cmdline-from-isolinux LABEL=GENTOO:/isolinux/isolinux.cfg --label gentoo",
    "part ${esp.disk} 2 --wait 10s",
    "for n in [1, 2] {\nsay number $n\n}",
    "fn again(times: int) -> int {\nif $times > 3 { return 1 }\nreturn ($times + 2)\n}",
    "if exists $image/isolinux { say yes } else { warn no }",
    "let d = findfs LABEL=X?",
    "fn two(a: int, --b: str, ...rest) { say $a }",
    'say "${esp.label} here" and ${esp.uuid}',
    "say 'it is' here",
    "try { modprobe ext4 } else as e { say ${e.message} }",
    "match $count { 1 { say one } else { say many } }",
    "let list = [1, 2, 3]",
    "1 + 2 * $count",
    "${esp.disk}",
    "$count > 3 and $count < 5",
    "lsblk -f /dev/sda",
    "run lsblk -f",
    "twice 3",
    "let image = mount LABEL=GENTOO",
    "set count = 5",
    "retry 3 { sleep 1s }",
    "retry",
    "why 2",
    "disks",
    "help mount",
    "mount --help",
    "why --help",
    "exec --dry-run",
    "history on",
    "disks --menus",
    "retry --edit",
    "step boot.kxs",
    "undo --list",
    "save-script new.kxs",
    "why --save",
    "log --find usb",
    "ls LABEL=GENTOO:/isolinux",
    "cat $image/isolinux/isolinux.cfg",
    "edit (isolinux-entry $image/isolinux/isolinux.cfg gentoo)",
    'menu "Title" --timeout 5s { entry a "A" { say a } }',
    "umount $image",
    "wait LABEL=GENTOO --timeout 3s",
]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("PATH", "/usr/bin")
    made = machine()
    terminal = Terminal(io.StringIO(), io.StringIO(), color=False, serial=False, term="dumb")
    interpreter = Interpreter(made, terminal, esp=made.devices()[2], interactive=True)
    session = Session(interpreter, terminal, None)
    for line in (
        "let image = mount LABEL=GENTOO",
        "let count = 3",
        "fn twice(n: int) -> int { return ($n * 2) }",
    ):
        session.execute(line)
    return session


def found(session: Session, text: str, *, typing: bool = True) -> list[tuple[str, str]]:
    findings = Findings(session).of(text, len(text), typing=typing)
    return [(item.code, item.span.text if item.span else "") for item in findings]


@pytest.mark.parametrize("line", RIGHT)
def test_nothing_is_told_while_a_right_line_is_typed(session: Session, line: str) -> None:
    for end in range(len(line) + 1):
        assert found(session, line[:end]) == [], line[:end]
    assert found(session, line, typing=False) == []


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ("mont LABEL=X", "KX201", "mont"),
        ("mount LABEL=X --typ ext4", "KX202", "--typ"),
        ("say $imag/x done", "KX101", "$imag"),
        ("say ${image.pth} done", "KX107", "image.pth"),
        ("for n in [1, 2] {\nmont $n x", "KX201", "mont"),
        ("for n in [1, 2] {\nif true {\nsay $nn x", "KX101", "$nn"),
        ("part ${esp.disk} two --wait 1s", "KX204", "two"),
        ("mount LABLE=X --rw", "KX604", "LABLE=X"),
        ("load (hd0,1)/vmlinuz --initrd x", "KX607", "(hd0,1)/vmlinuz"),
        ("why one two ", "KX203", "two"),
        ("twice x y ", "KX203", "y"),
        ("let x = mount LABEL=X extra more words", "KX203", "more"),
    ],
)
def test_a_fault_is_told_once_its_word_is_over(
    session: Session, line: str, code: str, place: str
) -> None:
    assert found(session, line) == [(code, place)]
    assert found(session, line, typing=False) == [(code, place)]


def test_what_is_missing_is_told_when_the_cursor_goes_back(session: Session) -> None:
    assert found(session, "mount ") == []
    assert Findings(session).of("mount ", 3, typing=False)[0].code == "KX203"
    assert found(session, "say 'open") == []
    assert Findings(session).of("say 'open", 3, typing=False)[0].code == "KX007"


def test_the_note_is_about_the_place_of_the_cursor(session: Session) -> None:
    text = "say $one $two three"
    findings = Findings(session).of(text, len(text), typing=True)
    assert note(findings, len(text), 79).startswith("2/2 KX101 there is no variable `$two`")
    assert note(findings, 5, 79).startswith("1/2 KX101 there is no variable `$one`")
    assert note([], 5, 79) == ""
    for columns in range(10, 100):
        assert len(note(findings, 5, columns)) <= columns


def test_a_hostile_text_is_looked_at_harmlessly_and_soon(session: Session) -> None:
    for text in (
        "say $\x1b]0;x\x07 y",
        "mount \x9b31m x \u202e$y z",
        "(" * 3000,
        "{" * 3000,
        "a " * 4000,
        "$x" * 4000,
        "if true {\n" * 300,
        "x" * 100_000,
    ):
        began = time.monotonic()
        findings = Findings(session).of(text, len(text), typing=False)
        assert note(findings, len(text), 79).isprintable()
        assert time.monotonic() - began < 2
