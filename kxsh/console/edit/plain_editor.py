"""The entry editor line by line, for terminals that cannot move their cursor."""

from __future__ import annotations

import re

from kxsh.console.edit.draft_notes import Note
from kxsh.console.edit.editor import Editor
from kxsh.text import display, wrap

_HELP = """\
  N TEXT    row N becomes TEXT     + TEXT  add words to the command line
  -N        remove row N           i FILE  add an initrd
  u         undo                   l       list
  {doing:<9} go on with it          q       back, nothing is changed"""


# A row's number, for `N TEXT` and `-N`.
_NUMBER = re.compile("-?[0-9]{1,9}")


class PlainEditor(Editor):
    """The editor line by line."""

    def run(self) -> bool:
        self._say(f"Edit: {display(self._title)}")
        self._list()
        self._help()
        while True:
            try:
                self._terminal.write("edit> ")
                line = self._terminal.stream_in.readline()
            except KeyboardInterrupt:
                self._say("")
                return False
            if not line or line.strip() in ("q", "quit"):
                return False
            if line.strip() == self._doing and self._may_finish():
                return True
            if line.strip() and line.strip() != self._doing:
                self._obey(line.strip())

    def _may_finish(self) -> bool:
        if self._draft.files("kernel"):
            return True
        self._say("there is no kernel: `1 PATH` names one")
        return False

    def _obey(self, line: str) -> None:
        """Do what a line asks for, and show what became of it; else say what is wrong."""
        draft = self._draft
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word in ("?", "h", "help"):
            self._help()
            return
        if word == "u":
            self._say("" if draft.undo() else "nothing is left to undo")
        elif word not in ("l", "list"):
            wrong = self._wrong(line)
            if wrong:
                self._say(wrong)
                self._help()
                return
            with draft.as_one_change():
                if line.startswith("+"):
                    self._add("word", line[1:].strip())
                elif word == "i":
                    self._add("initrd", rest)
                else:
                    draft.move_to(abs(int(word)) - 1)
                    draft.clear()
                    draft.type(rest)
        self._list()

    def _wrong(self, line: str) -> str:
        """Return why a line that should change something cannot; empty: it can."""
        word, _, rest = line.partition(" ")
        if line == "+" or (word == "i" and not rest):
            example = "+ quiet" if line == "+" else "i /boot/initrd.img"
            return f"`{line}` needs more: {example}"
        if line.startswith("+") or word == "i":
            return ""
        if _NUMBER.fullmatch(word):
            number = int(word)
            if not 0 < abs(number) <= len(self._draft.rows):
                return f"there is no row {abs(number)}"
            if (number < 0) == bool(rest):
                return f"{abs(number)} TEXT changes that row, -{abs(number)} removes it"
            return ""
        shown = display(line, 60)
        return f"`{shown}` is nothing of these; to add it to the command line: + {shown}"

    def _help(self) -> None:
        self._say(_HELP.format(doing=self._doing))

    def _add(self, kind: str, text: str) -> None:
        draft = self._draft
        draft.move_to(max(index for index, row in enumerate(draft.rows) if row.kind == kind))
        draft.end()
        draft.type(text)

    def _list(self) -> None:
        notes = self._notes.of(self._draft)
        for index, (row, note) in enumerate(zip(self._draft.rows, notes, strict=True)):
            kind = "" if row.kind == "word" else row.kind + " "
            if row.text or kind:
                self._say(f"{index + 1:>3} {kind}{display(row.text, 2000) or '(none)'}")
            if row.text:
                self._remark(note)

    def _remark(self, note: Note) -> None:
        columns = self._terminal.size()[0] - 1
        said = [str(note)] if note.owner else []
        said += [note.finding.help] if note.finding else []
        for text in said:
            for part in wrap(display(text, 2000), columns - 8, "  "):
                self._say(f"      {part}")

    def _say(self, text: str) -> None:
        self._terminal.say(text)
