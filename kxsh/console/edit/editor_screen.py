"""The entry editor as a full screen on prompt_toolkit."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from kxsh.console.applications import end_once, ending, run
from kxsh.console.edit.draft import Row
from kxsh.console.edit.draft_notes import Note, complete
from kxsh.console.edit.editor import Editor
from kxsh.console.patient_input import PatientInput
from kxsh.console.whole_screen import WholeScreen
from kxsh.console.words.parameter_words import NO_NAME, NO_VALUE
from kxsh.text import cells, cut, display, wrap

_STYLE = Style.from_dict(
    {
        "title": "reverse",
        "kind": "bold",
        "here": "bold",
        "off": "ansiblue",
        "note": "ansicyan",
        "error": "ansired bold",
        "warning": "ansiyellow",
        "keys": "",
    }
)
# From here on there is room for notes beside the words.
_WIDE = 60
# How long the rest of a key's sequence may take, in seconds; Esc alone waits for this.
_SEQUENCE_TIME = 0.15
# On F1, in the two lines that a small screen has for it.
_ALL_KEYS = "^X F10 done, Esc back, Enter row, Tab fill, ^T F2 off, ^K ^U clear, ^Z undo"


class EditorScreen(Editor):
    """The editor on the whole screen."""

    def prepare(self) -> None:
        self._said = ""
        self._asked = ""
        self._cursor = Point(0, 0)
        control = FormattedTextControl(
            self._render,
            focusable=True,
            show_cursor=True,
            get_cursor_position=lambda: self._cursor,
        )
        self._application: Application[bool] = Application(
            layout=Layout(Window(control, wrap_lines=False, always_hide_cursor=False)),
            key_bindings=self._bindings(),
            style=_STYLE,
            include_default_pygments_style=False,
            color_depth=ColorDepth.DEPTH_4_BIT if self._terminal.color else ColorDepth.DEPTH_1_BIT,
            full_screen=True,
            input=PatientInput(self._terminal.stream_in),
            output=WholeScreen(self._terminal),
        )
        end_once(self._application)
        self._application.ttimeoutlen = _SEQUENCE_TIME
        self._application.timeoutlen = _SEQUENCE_TIME

    def run(self) -> bool:
        return run(self._application, otherwise=False)

    # -- keys

    def _bindings(self) -> KeyBindings:
        draft = self._draft
        moves: dict[str, Callable[[], object]] = {
            "up": lambda: draft.move_to(draft.at - 1),
            "down": lambda: draft.move_to(draft.at + 1),
            "c-p": lambda: draft.move_to(draft.at - 1),
            "c-n": lambda: draft.move_to(draft.at + 1),
            "pageup": lambda: draft.move_to(draft.at - self._page()),
            "pagedown": lambda: draft.move_to(draft.at + self._page()),
            "left": draft.left,
            "c-b": draft.left,
            "right": draft.right,
            "c-f": draft.right,
            "home": draft.home,
            "c-a": draft.home,
            "end": draft.end,
            "c-e": draft.end,
            "enter": draft.add_below,
            "backspace": draft.backspace,
            "delete": draft.delete,
            "c-d": draft.delete,
            "c-k": draft.cut_rest,
            "c-u": draft.clear,
            "c-w": draft.clear,
            "c-t": draft.toggle,
            "f2": draft.toggle,
            "tab": self._complete,
            "c-z": self._undo,
            "c-_": self._undo,
            "f3": self._undo,
            "c-l": self._application_redraw,
            "f1": self._tell_keys,
        }
        bindings = KeyBindings()
        for key, act in moves.items():
            bindings.add(key)(self._acting(act))
        for key in ("f10", "c-x"):
            bindings.add(key)(self._guarded(self._finish))
        for key in ("escape", "c-c", "c-g"):
            bindings.add(key, eager=key == "c-c")(self._guarded(self._leave))
        typed = self._guarded(lambda event: self._type(event.data))
        bindings.add(Keys.Any)(typed)
        bindings.add(Keys.BracketedPaste)(typed)
        for key in ("c-\\", "c-s", "c-q", "c-v", "c-o", "c-y"):
            bindings.add(key)(lambda event: None)
        return bindings

    def _acting(self, act: Callable[[], object]) -> Callable[[KeyPressEvent], None]:
        def change(event: KeyPressEvent) -> None:
            self._said = self._asked = ""
            act()

        return self._guarded(change)

    def _guarded(self, act: Callable[[KeyPressEvent], None]) -> Callable[[KeyPressEvent], None]:
        def handle(event: KeyPressEvent) -> None:
            with ending(self._application):
                act(event)

        return handle

    def _type(self, data: str) -> None:
        self._said = self._asked = ""
        text = "".join(" " if sign in "\r\n\t" else sign for sign in data)
        self._draft.type("".join(sign for sign in text if sign.isprintable()))

    def _page(self) -> int:
        return max(1, self._terminal.size()[1] - 6)

    def _application_redraw(self) -> None:
        self._application.renderer.clear()

    def _tell_keys(self) -> None:
        self._said = _ALL_KEYS

    def _undo(self) -> None:
        if not self._draft.undo():
            self._said = "nothing is left to undo"

    def _complete(self) -> None:
        more, fitting = complete(self._draft.row, self._draft.column, self._places)
        if more:
            self._draft.type(more)
        if len(fitting) > 1:
            self._said = "  ".join(fitting)
        elif not fitting:
            value = "=" in self._draft.row.text
            self._said = NO_VALUE if value else NO_NAME

    def _finish(self, event: KeyPressEvent) -> None:
        """Go on with the draft; what cannot work is said first, and needs the key again."""
        if not self._draft.files("kernel"):
            self._said, self._asked = "there is no kernel: type its path in the first row", ""
            return
        wrong = [
            (index, finding)
            for index, finding in self._notes.findings(self._draft)
            if finding.severity == "error"
        ]
        if wrong and self._asked != "finish":
            index, finding = wrong[0]
            self._draft.move_to(index)
            self._said, self._asked = f"{finding.code}: {finding.message}", "finish"
            return
        event.app.exit(result=True)

    def _leave(self, event: KeyPressEvent) -> None:
        if self._draft.changed and self._asked != "leave":
            self._said, self._asked = "Esc again throws the changes away", "leave"
            return
        event.app.exit(result=False)

    # -- drawing

    def _render(self) -> StyleAndTextTuples:
        drawn: StyleAndTextTuples = []
        with ending(self._application):
            drawn = self._drawn()
        return drawn

    def _drawn(self) -> StyleAndTextTuples:
        columns, rows = self._terminal.size()
        notes = self._notes.of(self._draft)
        foot = self._foot(columns - 1, rows, notes[self._draft.at])
        room = max(1, rows - 1 - len(foot))
        drawn: list[StyleAndTextTuples] = [[("class:title", self._heading(columns - 1))]]
        first = _first(len(self._draft.rows), self._draft.at, room)
        last = min(len(self._draft.rows), first + room)
        width = self._word_width(columns, first, last)
        for index in range(first, last):
            drawn.append(self._line(index, notes[index], columns - 1, width, len(drawn)))
        drawn += [[("", "")]] * (room - (last - first))
        drawn += foot
        joined: StyleAndTextTuples = []
        for number, line in enumerate(drawn):
            joined += [("", "\n")] if number else []
            joined += line
        return joined

    def _heading(self, columns: int) -> str:
        changed = " (changed)" if self._draft.changed else ""
        title = cut(self._shown(self._title), max(8, columns - 7 - len(changed)))
        return f" Edit: {title}{changed}".ljust(columns)

    def _word_width(self, columns: int, first: int, last: int) -> int:
        """Return the columns that rows get for their text, up to the notes beside it."""
        if columns < _WIDE:
            return columns - 1 - 5
        widest = max(cells(self._shown(row.text)) for row in self._draft.rows[first:last])
        return max(16, min(widest + 1, (columns - 11) * 3 // 5))

    def _line(self, index: int, note: Note, columns: int, width: int, y: int) -> StyleAndTextTuples:
        row, here = self._draft.rows[index], index == self._draft.at
        wide = columns >= _WIDE - 1
        kind = row.kind
        if kind == "word":
            kind = "cmdline" if self._is_first_word(index) else ""
        lead = f"{kind:<8}" if wide else f"{kind[:1]:<2}"
        mark = "!" if note.finding else "-" if row.text and not row.on else " "
        text, cursor = self._text(row, width, here)
        at = f"{'>' if here else ' '}{mark}"
        if here:
            self._cursor = Point(len(at) + len(lead) + cursor, y)
        tint = "here" if here else "off" if not row.on else ""
        serious = note.finding.severity if note.finding else ""
        padding = " " * max(0, width - cells(text))
        line: StyleAndTextTuples = [
            (f"class:{serious}" if serious else "", at),
            ("class:kind", lead),
            (f"class:{serious or tint}" if serious or tint else "", text),
            ("", padding),
        ]
        left = columns - len(at) - len(lead) - width - 1
        if wide and left > 8:
            line.append((f"class:{serious or 'note'}", " " + cut(self._shown(str(note)), left)))
        return line

    def _is_first_word(self, index: int) -> bool:
        return index == 0 or self._draft.rows[index - 1].kind != "word"

    def _text(self, row: Row, width: int, here: bool) -> tuple[str, int]:
        """Return a row's text in at most `width` columns, and the cursor's column in it."""
        shown = self._shown(row.text)
        if not here:
            return cut(shown, width), 0
        before = self._shown(row.text[: self._draft.column])
        if cells(shown) < width:
            return shown, cells(before)
        while cells(before) >= width:  # scrolled, so that the cursor is in sight
            before = before[max(1, width // 2) :]
        after = self._shown(row.text[self._draft.column :])
        text = before
        for character in after:
            if cells(text) + cells(character) > width:
                break
            text += character
        return text, cells(before)

    def _foot(self, columns: int, rows: int, note: Note) -> list[StyleAndTextTuples]:
        """Return the lines below the list: what is said of this row, and the keys."""
        small = rows < 16
        line, _ = self._draft.line()
        if self._said:
            style, text = "error" if self._asked else "", self._said
        else:
            style = note.finding.severity if note.finding else "note"
            help = note.finding.help if note.finding else ""
            text = f"{note} - {help}" if help else str(note)
        said = wrap(self._shown(text, 2000), columns)
        room = 2 if small else 4
        if self._said:  # what a key came to is read as a whole
            room = max(room, min(len(said), rows // 2))
        if len(said) > room:
            said = [*said[: room - 1], cut(f"{said[room - 1]} ...", columns)]
        lines: list[StyleAndTextTuples] = [[("", "-" * columns)]] if not small else []
        lines += [[(f"class:{style}" if style else "", cut(part, columns))] for part in said]
        lines += [[("", "")]] * (room - len(said))
        keys = self._keys(columns, small)
        count = len(line.encode("utf-8", "surrogateescape"))
        if not small:
            keys[-1] = f"{keys[-1]}   {count} bytes"
        return lines + [[("class:keys", cut(key, columns))] for key in keys]

    def _keys(self, columns: int, small: bool) -> list[str]:
        if self._asked == "finish":
            return [f"^X (F10) again: {self._doing} all the same", *([] if small else [""])]
        if columns < _WIDE - 1:
            return [f"^X {self._doing}  Esc back  ^T off  ^Z undo"]
        keys = [f"F10 or Ctrl-X {self._doing}   Esc back   Enter new row   Tab complete"]
        more = "Ctrl-T off/on   Ctrl-U clear   Ctrl-Z undo"
        return keys if small else [*keys, more]

    def _shown(self, text: str, limit: int = 20_000) -> str:
        """Return untrusted text as it will stand on this terminal."""
        return self._terminal.encodable(display(text, limit))


def _first(count: int, at: int, room: int) -> int:
    """Return the first of `count` rows in a window of `room` around row `at`."""
    return max(0, min(at - room // 2, count - room))
