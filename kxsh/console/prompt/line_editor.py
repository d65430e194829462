"""Line editing on prompt_toolkit: history, completion, colours, several lines."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, get_app, run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    get_common_complete_suffix,
)
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from kxsh.console.applications import end_once, faults_end
from kxsh.console.interrupts import ignored
from kxsh.console.patient_input import PatientInput
from kxsh.console.prompt.highlight import Highlighter
from kxsh.console.prompt.offered import in_sight, place_below
from kxsh.console.prompt.plain import CONTINUATION, PROMPT
from kxsh.console.prompt.session import Session, is_incomplete
from kxsh.console.prompt.watch import Watch
from kxsh.console.words.places import Places
from kxsh.errors import internal_fault
from kxsh.text import display

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from kxsh.console.terminal import Terminal
    from kxsh.console.words import completion

# Only the eight colours that every coloured terminal has.
_STYLE = Style.from_dict(
    {
        # A colour makes prompt_toolkit send the blank at its end, which programs at the
        # other end of a serial line wait for.
        "prompt": "ansigreen bold",
        "command": "ansicyan",
        "unknown": "",
        "keyword": "bold",
        "option": "ansigreen",
        "variable": "ansimagenta",
        "string": "ansiyellow",
        "number": "ansiyellow",
        "comment": "ansiblue",
        # Not by colour alone: the words stand in the line below.
        "error": "underline ansired",
        "warning": "underline ansiyellow",
        "bottom-toolbar": "noreverse",
        "auto-suggestion": "ansiblue",
        # These have brighter colours of prompt_toolkit's own.
        "search": "bg:default fg:default reverse",
        "aborting": "fg:default",
        "exiting": "fg:default",
        "completion-menu": "bg:default fg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "bg:default fg:default reverse",
        "completion-menu.meta.completion": "bg:default fg:ansicyan",
        "completion-menu.meta.completion.current": "bg:default fg:default reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:default reverse",
    }
)


# Candidates that are shown at a time.
_IN_SIGHT = 7
# A candidate, or its note, is no longer than this.
_LONGEST = 200
# How long the rest of a key's sequence may take, in seconds; a slow serial line needs some.
_SEQUENCE_TIME = 0.2


class LineEditor:
    """Reads statements with prompt_toolkit; `input` and `output` are for tests."""

    def __init__(
        self, session: Session, *, input: Input | None = None, output: Output | None = None
    ) -> None:
        terminal = session.terminal
        self._places = Places(session.interpreter.machine)
        self._kxsh = session
        self._rewritten = ""
        self._terminal = terminal
        self._watch = Watch(session)
        self._session: PromptSession[str] = PromptSession(
            [("class:prompt", PROMPT)],
            multiline=True,
            prompt_continuation=_continuation,
            lexer=Highlighter(session),
            input_processors=[self._watch],
            completer=_Completer(session, lambda: self._completer),
            auto_suggest=AutoSuggestFromHistory() if terminal.color else None,
            history=_History(session),
            enable_history_search=True,
            search_ignore_case=True,
            complete_while_typing=False,
            key_bindings=_bindings(
                self._explain,
                self._rewrite,
                lambda text: is_incomplete(text, session.around),
                nested=session.nested,
            ),
            style=_STYLE,
            include_default_pygments_style=False,
            color_depth=ColorDepth.DEPTH_4_BIT if terminal.color else ColorDepth.DEPTH_1_BIT,
            input=input or PatientInput(terminal.stream_in),
            output=output or _output(terminal),
        )
        control = self._session.layout.current_control
        if isinstance(control, BufferControl):
            control.menu_position = self._menu_place
        end_once(self._session.app)
        self._session.app.ttimeoutlen = _SEQUENCE_TIME
        self._session.app.before_render += self._before_render
        self._session.app.after_render += self._watch.load

    @cached_property
    def _completer(self) -> completion.Completer:
        """What Tab offers; nothing of it is needed to show the prompt."""
        from kxsh.console.words import completion

        return completion.Completer(self._kxsh, self._places)

    def read(self) -> str:
        """Return a complete statement. `EOFError` is Ctrl-D, KeyboardInterrupt Ctrl-C."""
        try:
            with ignored():
                return self._prompt("")
        finally:
            self._places.release()

    def edit(self, text: str) -> str:
        """Let a person edit a text; return what became of it. Ends as `read` does."""
        try:
            with ignored():
                return self._prompt(text)
        finally:
            self._places.release()

    def _prompt(self, text: str) -> str:
        watch = faults_end(self._session.app)

        def begin() -> None:
            watch()
            # Else it comes after the first drawing, and Up, if typed before, finds nothing.
            self._session.default_buffer.load_history_if_not_yet_loaded()

        return self._session.prompt(
            default=text, handle_sigint=False, set_exception_handler=False, pre_run=begin
        )

    def _rewrite(self, buffer: Buffer, text: str) -> bool:
        """Put kxsh's words for GRUB's names of disks into the `text` that begins the line;
        tell whether there were any, and show what they became."""
        if "(hd" not in text and "(cd" not in text:
            return False
        try:
            new = self._completer.rewritten(text)
        except Exception as error:  # a fault here must not cost the line that is being typed
            self._kxsh.remember(internal_fault(error))
            return False
        if new == text:
            return False
        buffer.document = Document(new + buffer.text[len(text) :], len(new))
        self._rewritten = buffer.text
        return True

    def _explain(self, text: str) -> None:
        from kxsh.console.words.signatures import help_at

        self._terminal.say(help_at(self._kxsh, text, self._terminal.size()[0] - 1))

    def _menu_place(self) -> int | None:
        offered = self._session.default_buffer.complete_state
        return self._place_below(offered)[0] if offered else None

    def _place_below(self, offered: CompletionState) -> tuple[int, int]:
        buffer = self._session.default_buffer
        at = min(buffer.cursor_position, offered.original_document.cursor_position)
        return place_below(buffer.text, at, len(PROMPT), self._terminal.size()[0])

    def _before_render(self, app: Application[str]) -> None:
        """Put what is wrong with the line below it."""
        if app.is_done or app.layout.current_buffer is not self._session.default_buffer:
            return
        self._watch.look(self._session.default_buffer.document)
        columns = self._terminal.size()[0] - 1
        offered = self._session.default_buffer.complete_state
        if offered:
            _, rows = self._place_below(offered)
            room = self._terminal.size()[1] - 2
            self._session.reserve_space_for_menu = max(1, min(_IN_SIGHT + rows, room))
        if offered and len(offered.completions) > _IN_SIGHT:
            text = display(_place(offered), columns)
        elif self._session.default_buffer.text == self._rewritten != "":
            text = display(
                "GRUB's name of the disk, as kxsh writes it; Enter runs the line", columns
            )
        else:
            text = self._watch.note(columns)
        self._session.bottom_toolbar = self._terminal.encodable(text) or None


def _place(offered: CompletionState) -> str:
    """Return where one stands in a list that is longer than what is in sight of it."""
    count = len(offered.completions)
    if offered.complete_index is None:
        return f"{count} fit: type on, or Tab and arrows"
    return f"{offered.complete_index + 1} of {count}"


def _continuation(width: int, number: int, is_soft_wrap: int) -> AnyFormattedText:
    """Return what stands before a line that was begun by Enter; one that is only too long
    for the screen goes on at its edge."""
    return "" if is_soft_wrap else [("class:prompt", CONTINUATION)]


class _Output(Vt100_Output):
    """Nothing is ever asked of the terminal: a serial line may have nobody who answers. And
    nothing is sent but what it can show, whoever typed, pasted or named it."""

    ascii_only = False

    def write(self, data: str) -> None:
        super().write(data if data.isascii() else self._shown(data))

    def _shown(self, data: str) -> str:
        """Return text with what cannot be shown as signs of the same width."""
        return "".join(
            character
            if character.isprintable() and not (self.ascii_only and ord(character) > 126)
            else "?" * max(get_cwidth(character), 0)
            for character in data
        )

    def get_rows_below_cursor_position(self) -> int:
        """Return how much room is there for sure; without it there would be no line below."""
        return 1


def _output(terminal: Terminal) -> Vt100_Output:
    def size() -> Size:
        columns, rows = terminal.size()
        return Size(rows=rows, columns=columns)

    output = _Output(
        terminal.stream_out, size, term=terminal.term, enable_bell=False, enable_cpr=False
    )
    output.ascii_only = terminal.serial
    return output


def _bindings(
    explain: Callable[[str], None],
    rewrite: Callable[[Buffer, str], bool],
    incomplete: Callable[[str], bool],
    *,
    nested: bool,
) -> KeyBindings:
    """Return the keys that differ from prompt_toolkit's own; `explain` is F1's help on
    the text before the cursor, `rewrite` changes what kxsh writes differently,
    `incomplete` tells of what Enter goes on in the next line, `nested` lets Esc leave."""
    bindings = KeyBindings()
    _bind_line_end(bindings, rewrite, incomplete)
    empty = Condition(lambda: not get_app().current_buffer.text)

    # Eager: where nothing is typed there is nothing that Esc and a letter could do.
    @bindings.add("escape", filter=empty & Condition(lambda: nested), eager=True)
    def back(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    for digit in "-0123456789":  # prompt_toolkit would repeat the next key that often
        bindings.add("escape", digit)(_type_last)

    @bindings.add("end", filter=Condition(lambda: bool(_suggested(get_app().current_buffer))))
    def take(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(_suggested(event.current_buffer))

    @bindings.add("f1")
    def help(event: KeyPressEvent) -> None:
        text = event.current_buffer.document.text_before_cursor
        run_in_terminal(lambda: explain(text))

    @bindings.add("c-z")
    @bindings.add("c-\\")
    def ignore(event: KeyPressEvent) -> None:
        """These would suspend or abort the program that keeps the machine alive."""

    return bindings


def _bind_line_end(
    bindings: KeyBindings,
    rewrite: Callable[[Buffer, str], bool],
    incomplete: Callable[[str], bool],
) -> None:
    """Bind the keys that end a line or complete it."""

    @bindings.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None
        elif rewrite(buffer, buffer.text):
            return  # to be seen before it runs
        elif incomplete(buffer.text):
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @bindings.add("tab", filter=has_focus(DEFAULT_BUFFER))
    def tab(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_next()
        else:
            rewrite(buffer, buffer.document.text_before_cursor)
            _complete(buffer)

    @bindings.add("escape", "enter", filter=has_focus(DEFAULT_BUFFER))
    def submit(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()


def _type_last(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text(event.key_sequence[-1].data)


def _suggested(buffer: Buffer) -> str:
    """Return what the history suggests behind the cursor: prompt_toolkit takes that by Right
    alone."""
    if buffer.suggestion is None or not buffer.document.is_cursor_at_the_end:
        return ""
    return buffer.suggestion.text


def _complete(buffer: Buffer) -> None:
    """Insert what all candidates share, and list them when there are several.

    prompt_toolkit's own Tab does this in the background, where keys typed ahead would
    overtake it.
    """
    found = _candidates(buffer)
    if len(found) > 1:
        common = get_common_complete_suffix(buffer.document, found)
        if common:
            buffer.insert_text(common)
            found = _candidates(buffer)
    if len(found) == 1:
        buffer.apply_completion(found[0])
    elif found:
        buffer.complete_state = CompletionState(buffer.document, found)


def _candidates(buffer: Buffer) -> list[Completion]:
    event = CompleteEvent(completion_requested=True)
    return list(buffer.completer.get_completions(buffer.document, event))


class _History(History):
    """prompt_toolkit's view of the session's history, which keeps the lines itself."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    async def load(self) -> AsyncGenerator[str, None]:
        for line in reversed(self._session.history.lines):
            yield line

    def get_strings(self) -> list[str]:
        return list(self._session.history.lines)

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self._session.history.lines)

    def append_string(self, string: str) -> None:
        """The session has it already, if it may."""

    def store_string(self, string: str) -> None:
        """See `append_string`."""


class _Completer(Completer):
    """prompt_toolkit's view of `completion.Completer`."""

    def __init__(self, session: Session, inner: Callable[[], completion.Completer]) -> None:
        self._session = session
        self._inner = inner

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        try:
            candidates = self._inner().complete(text)
        except Exception as error:  # a fault here must not cost the line that is being typed
            self._session.remember(internal_fault(error))
            return
        terminal = self._session.terminal
        found = list(candidates)
        rows = in_sight([(one.shown, one.note) for one in found], terminal.size()[0], self._shown)
        for candidate, (shown, note) in zip(found, rows, strict=True):
            yield Completion(
                candidate.text,
                start_position=candidate.start - len(text),
                display=shown,
                display_meta=note,
            )

    def _shown(self, text: str) -> str:
        return self._session.terminal.encodable(display(text, _LONGEST))
