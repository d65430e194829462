"""Transcripts of the language at work: tests/transcripts/*.kxst.

A file has sections. A section has a title, set-up lines, then input and the exact
output that followed:

    == a section's title
    @ trace                      show what the machine was told to do, as `~ mount /dev/sda1`
    > say "typed at the prompt"
    . (a line that continues it)
    typed at the prompt
    | kxs 1                      consecutive lines are a whole script, run at once
    | exec
    | < examples/a.kxs           the script of this file

Set-up: `trace` · `choose ID...` (a person's choices) · `late SECONDS` (when /dev/sdc
comes) · `interrupt SECONDS` (when Ctrl-C comes) · `fail CLASS VERB...` (what the machine
refuses, once) · `memory MIB` · `file NAME` with indented lines after it (an import) ·
`log TEXT` (what the kernel logs at each action) · `esp PATH` (where the loader is) ·
`crypt` (/dev/sdd1, an encrypted device, is there) · `type WORD...` (the passphrases that
a person types).

KXSH_UPDATE=1 rewrites the outputs; read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from standard_machine import CRYPT, DEVICES, ESP, LATE, LineConsole, standard_machine

from kxsh.diagnostics import render_error
from kxsh.errors import FAILURES, KxshError, NotFound
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Action, Device, Ended
from kxsh.source import Source
from kxsh.text import MIB

FOLDER = Path(__file__).parent / "transcripts"
ROOT = Path(__file__).parent.parent
UPDATE = bool(os.environ.get("KXSH_UPDATE"))


@dataclass
class Step:
    """Input (as written, with its marks) and the lines that follow it."""

    marked: list[str]
    output: list[str] = field(default_factory=list)

    @property
    def is_script(self) -> bool:
        return self.marked[0].startswith("|")

    @property
    def text(self) -> str:
        if self.marked[0].startswith("| < "):
            return (ROOT / self.marked[0][4:]).read_text(encoding="utf-8")
        return "\n".join(line[2:] for line in self.marked)


@dataclass
class Section:
    """One session; `header` are its lines before the first input."""

    title: str
    header: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def setup(self, word: str) -> list[str]:
        """Return what the set-up lines of this kind say."""
        prefix = f"@ {word}"
        return [
            line[len(prefix) :].strip()
            for line in self.header
            if line == prefix or line.startswith(prefix + " ")
        ]


def parse(text: str) -> tuple[list[str], list[Section]]:
    """Return the lines before the first section, and the sections."""
    preamble: list[str] = []
    sections: list[Section] = []
    for line in text.splitlines():
        if line.startswith("== "):
            sections.append(Section(line[3:]))
        elif not sections:
            preamble.append(line)
        else:
            _add(sections[-1], line)
    for section in sections:
        for step in section.steps:
            step.output = _trimmed(step.output)
    return preamble, sections


def _trimmed(lines: list[str]) -> list[str]:
    """Return lines without empty ones at the end: files part sections by those."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def _add(section: Section, line: str) -> None:
    steps = section.steps
    mark = line[:2].rstrip()
    last = steps[-1] if steps else None
    continues = last is not None and not last.output
    if mark == ">" or (mark == "|" and not (continues and last and last.is_script)):
        steps.append(Step([line]))
    elif mark in ("|", ".") and continues and last:
        last.marked.append(line)
    elif last is None:
        section.header.append(line)
    else:
        last.output.append(line)


def written(preamble: list[str], sections: list[Section]) -> str:
    """Return the file's text again."""
    lines = list(preamble)
    for section in sections:
        lines += [f"== {section.title}", *section.header]
        for step in section.steps:
            lines += [*step.marked, *step.output]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


class Trace(list[Action]):
    """The machine's list of actions, which tells the console, and fills the kernel's log."""

    def __init__(self, machine: FakeMachine, console: LineConsole | None, log: list[str]) -> None:
        super().__init__()
        self._machine = machine
        self._console = console
        self._log = log

    def append(self, action: Action) -> None:
        super().append(action)
        self._machine.log += self._log
        if self._console is not None:
            self._console.lines.append(" ".join(["~", action.verb, *action.words]))


def run(section: Section) -> list[list[str]]:
    """Run a section; return each step's output."""
    console = LineConsole(
        [word for line in section.setup("choose") for word in line.split()],
        [word for line in section.setup("type") for word in line.split()],
    )
    machine = standard_machine(**_changes(section))
    shown = console if section.setup("trace") else None
    machine.actions = Trace(machine, shown, section.setup("log"))
    interpreter = Interpreter(
        machine, console, esp=_esp(section), find_import=_importer(section), interactive=True
    )
    outputs = []
    for step in section.steps:
        console.lines = []
        _run_step(interpreter, console, step)
        outputs.append(_trimmed([line.rstrip() for line in console.lines]))
    return outputs


def _esp(section: Section) -> Device:
    """Return the partition that the loader was started from."""
    paths = section.setup("esp") or [ESP.path]
    return next(device for device in DEVICES if device.path == paths[0])


def _run_step(interpreter: Interpreter, console: LineConsole, step: Step) -> None:
    run = interpreter.run_script if step.is_script else interpreter.run_line
    before = len(interpreter.machine.output)  # type: ignore[attr-defined]
    interpreter.interactive = not step.is_script
    try:
        run(Source("boot.kxs" if step.is_script else "<prompt>", step.text))
    except KxshError as error:
        console.lines += render_error(error).splitlines()
    except Ended as end:
        console.lines.append(f"-- {end.how}")
    printed = interpreter.machine.output[before:]  # type: ignore[attr-defined]
    console.lines += printed.splitlines()


def _changes(section: Section) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if section.setup("crypt"):
        changes["devices"] = [*DEVICES, CRYPT]
    for line in section.setup("late"):
        changes["later"] = [(float(line), LATE)]
    for line in section.setup("interrupt"):
        changes["interrupt_at"] = float(line)
    for line in section.setup("memory"):
        changes["memory"] = int(line) * MIB
    for line in section.setup("fail"):
        kind, _, what = line.partition(" ")
        faults = changes.setdefault("fail", {})
        faults[what] = [FAILURES[kind](f"the machine refuses to {what}")]
    return changes


def _importer(section: Section) -> Callable[[str], Source]:
    files: dict[str, list[str]] = {}
    name = ""
    for line in section.header:
        if line.startswith("@ file "):
            name = line[7:].strip()
            files[name] = []
        elif line.startswith("  ") and name:
            files[name].append(line[2:])

    def find(path: str) -> Source:
        if path not in files:
            raise NotFound(f"{path} is not there")
        return Source(path, "\n".join(files[path]))

    return find


def cases() -> list[Any]:
    files = sorted(FOLDER.glob("*.kxst"))
    assert files, f"no transcripts in {FOLDER}"
    return [
        pytest.param(path, number, id=f"{path.stem}: {section.title}")
        for path in files
        for number, section in enumerate(parse(path.read_text(encoding="utf-8"))[1])
    ]


@pytest.mark.parametrize(("path", "number"), cases())
def test_transcript(path: Path, number: int) -> None:
    preamble, sections = parse(path.read_text(encoding="utf-8"))
    section = sections[number]
    outputs = run(section)
    if UPDATE:
        for step, output in zip(section.steps, outputs, strict=True):
            step.output = output
        path.write_text(written(preamble, sections), encoding="utf-8")
        return
    for step, output in zip(section.steps, outputs, strict=True):
        assert step.output == output, f"after: {step.text}"


def test_files_are_written_as_they_are_read() -> None:
    for path in FOLDER.glob("*.kxst"):
        text = path.read_text(encoding="utf-8")
        assert written(*parse(text)) == text


def test_every_example_is_run() -> None:
    text = (FOLDER / "examples.kxst").read_text(encoding="utf-8")
    for path in (ROOT / "examples").glob("*.kxs"):
        assert f"\n| < examples/{path.name}\n" in text


def test_a_wrong_output_is_seen() -> None:
    _, (section,) = parse("== t\n> say hello\ngoodbye\n")
    assert run(section) != [step.output for step in section.steps]
