"""The menu on a terminal, by prompt_toolkit: imported only when a person is there.

Nothing is ever asked of the terminal, and neither its mouse nor its second screen is used.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from kxsh.console.applications import end_once, ending, run
from kxsh.console.menu.controller import Controller
from kxsh.console.menu.labels import Labels
from kxsh.console.menu.layout import Drawing, draw, draw_offered, draw_page
from kxsh.console.menu.page import Action
from kxsh.console.patient_input import PatientInput
from kxsh.console.whole_screen import WholeScreen
from kxsh.text import cut, display, fold

if TYPE_CHECKING:
    from prompt_toolkit.input import Input

    from kxsh.console.terminal import Terminal

# Only what every terminal has: reverse, bold, and the eight colours where there are any.
_STYLE = Style.from_dict(
    {
        "bar": "reverse",
        "selected": "reverse",
        "heading": "bold",
        "fault": "ansibrightblack",
        "keys": "ansicyan",
        "note": "bold",
    }
)
_NAMES = {
    Keys.Up: "up", Keys.ControlP: "up", Keys.Down: "down", Keys.ControlN: "down",
    Keys.PageUp: "page-up", Keys.PageDown: "page-down", Keys.Home: "home", Keys.End: "end",
    Keys.Left: "left", Keys.Right: "right", Keys.ControlM: "enter", Keys.ControlJ: "enter",
    Keys.ControlI: "tab", Keys.ControlH: "backspace", Keys.Delete: "backspace",
    Keys.Escape: "escape", Keys.ControlC: "interrupt", Keys.ControlL: "redraw", Keys.F1: "f1",
}  # fmt: skip
# How long the rest of a key's sequence may take, in seconds; a slow serial line needs some.
_SEQUENCE_TIME = 0.2
# Lines at the bottom that say why a start has failed.
_STATUS_LINES = 3


class MenuApp:
    """Shows a controller's list and pages until a key asks for something outside of it."""

    def __init__(
        self, terminal: Terminal, controller: Controller, *, input: Input | None = None
    ) -> None:
        self._terminal = terminal
        self._controller = controller
        self._labels = Labels(controller.model)
        self._cursor = 0
        self._buffer = Buffer(multiline=False, on_text_changed=self._typed)
        self._output = WholeScreen(terminal)
        self._body = Window(
            FormattedTextControl(
                self._drawn, focusable=True, get_cursor_position=lambda: Point(0, self._cursor)
            ),
            wrap_lines=False,
        )
        self._field = Window(BufferControl(self._buffer), height=1)
        self._application: Application[Action] = Application(
            Layout(self._container(), self._body),
            style=_STYLE,
            include_default_pygments_style=False,
            key_bindings=self._bindings(),
            full_screen=True,
            mouse_support=False,
            color_depth=ColorDepth.DEPTH_4_BIT if terminal.color else ColorDepth.DEPTH_1_BIT,
            input=input or PatientInput(terminal.stream_in),
            output=self._output,
        )
        end_once(self._application)
        self._application.ttimeoutlen = _SEQUENCE_TIME
        self._application.timeoutlen = _SEQUENCE_TIME  # Esc, where it begins other keys

    def begin(self, key: str) -> Action | None:
        """Act on the key that stopped the countdown."""
        return self._controller.press(key)

    def run(self, started: Callable[[], None] | None = None) -> Action:
        """Show the screen; return what a key asked for. An end of input is ``eof``.

        `started` runs when the screen is there and takes keys.
        """
        self._focus()  # a key before this may have begun a search
        return run(self._application, Action("eof"), started)

    def call(self, work: Callable[[], None]) -> None:
        """Do something between two keys, asked for by another thread, and draw again."""
        loop = self._application.loop
        if loop is not None:

            def done() -> None:
                with ending(self._application):
                    work()
                self._application.invalidate()

            with suppress(RuntimeError):  # the screen has just ended; who ran it sees to it
                loop.call_soon_threadsafe(done)

    # -- what is shown

    def _shown(self, text: str) -> str:
        return self._terminal.encodable(display(text, 4000))

    def _container(self) -> HSplit:
        typing = Condition(lambda: self._controller.mode in ("filter", "line"))
        label = Window(FormattedTextControl(self._label), height=1, dont_extend_width=True)
        status = Window(
            FormattedTextControl(self._status), height=lambda: len(self._status_lines())
        )
        return HSplit(
            [
                self._body,
                ConditionalContainer(VSplit([label, self._field]), filter=typing),
                ConditionalContainer(status, filter=~typing),
            ]
        )

    def _drawn(self) -> StyleAndTextTuples:
        text: StyleAndTextTuples = []
        with ending(self._application):
            for line in self._draw().lines:
                text += [(f"class:{style}" if style else "", part) for style, part in line]
                text.append(("", "\n"))
        return text[:-1]

    def _draw(self) -> Drawing:
        size, controller = self._output.get_size(), self._controller
        typing = controller.mode in ("filter", "line")
        rows = max(3, size.rows - (1 if typing else len(self._status_lines())))
        if controller.page is not None:
            drawing = draw_page(controller.page, size.columns, rows, self._shown)
        elif controller.mode == "line" and controller.offered:
            offered, about = controller.offered, self._labels.offers
            drawing = draw_offered(offered, about, size.columns, rows, self._shown)
        else:
            model = controller.model
            drawing = draw(model, size.columns, rows, self._shown, controller.mode)
        controller.height = drawing.height
        self._cursor = max(0, min(drawing.cursor, rows - 1))
        return drawing

    def _label(self) -> StyleAndTextTuples:
        name = "find" if self._controller.mode == "filter" else "boot"
        return [("class:note", f" {name}: ")]

    def _status(self) -> StyleAndTextTuples:
        return [("class:note", "\n".join(self._status_lines()))]

    def _status_lines(self) -> list[str]:
        """Return the bottom line; a failure has more of them, so that its reason is read."""
        size, model = self._output.get_size(), self._controller.model
        if self._controller.page is not None:
            return [""]
        text = self._shown(model.status)
        if model.note:
            return [cut(f" {text}", size.columns - 1)]
        lines = fold(text, size.columns - 2) or [""]
        most = max(1, min(_STATUS_LINES, size.rows // 3))
        if len(lines) > most:
            lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), size.columns - 2)]
        return [f" {line}" for line in lines]

    # -- keys

    def _typed(self, buffer: Buffer) -> None:
        with ending(self._application):
            self._controller.type(buffer.text)

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        listing = Condition(lambda: self._controller.mode in ("list", "page"))

        @bindings.add(Keys.Any, filter=listing)
        def any_key(event: KeyPressEvent) -> None:
            with ending(self._application):
                self._press(_name(event))

        typed = ("enter", "escape", "c-c", "up", "down", "pageup", "pagedown", "tab")
        for key in typed:  # Esc is never the begin of another key: nothing here has one
            bindings.add(key, filter=~listing, eager=key == "escape")(self._on_key_in_text)

        @bindings.add("c-z")
        @bindings.add("c-\\")
        def ignore(event: KeyPressEvent) -> None:
            """These would suspend or abort the program that keeps the machine alive."""

        return bindings

    def _on_key_in_text(self, event: KeyPressEvent) -> None:
        """Take a key, while text is typed, that is none of the text's."""
        with ending(self._application):
            self._in_text(_name(event))

    def _in_text(self, name: str) -> None:
        if self._controller.mode == "filter":
            self._press(name)
        elif name == "tab":
            self._complete()
        elif name == "enter":
            self._controller.model.note = ""
            action = self._labels.action(self._buffer.text)
            if action is not None or not self._controller.model.note:
                self._controller.mode = "list"  # else the line stays, to be put right
            self._do(action)
            self._focus()
        elif name in ("escape", "interrupt"):
            self._controller.mode = "list"
            self._focus()

    def _complete(self) -> None:
        document = self._buffer.document
        line, offered = self._labels.complete(document.text_before_cursor)
        self._buffer.document = Document(line + document.text_after_cursor, len(line))
        self._controller.offered = offered

    def _press(self, name: str) -> None:
        self._do(self._controller.press(name))
        self._focus()

    def _do(self, action: Action | None) -> None:
        if action is None:
            return
        if action.name == "redraw":
            self._application.renderer.clear()
        else:
            self._application.exit(result=action)

    def _focus(self) -> None:
        """Put the keys where the mode wants them."""
        layout, mode = self._application.layout, self._controller.mode
        if mode in ("list", "page"):
            layout.focus(self._body)
        elif not layout.has_focus(self._field):
            layout.focus(self._field)
            self._buffer.text = self._controller.model.filter if mode == "filter" else ""
            self._buffer.cursor_position = len(self._buffer.text)


def _name(event: KeyPressEvent) -> str:
    """Return a key's name, its character, or ``unknown``."""
    press = event.key_sequence[-1]
    if isinstance(press.key, Keys):
        return _NAMES.get(press.key, "unknown")
    return press.key if len(press.key) == 1 and press.key.isprintable() else "unknown"
