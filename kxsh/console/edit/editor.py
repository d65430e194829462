"""Editing a boot entry word by word before it starts: GRUB's `e`.

`edit_entry` is a full screen of prompt_toolkit where that can start, and asks line by
line where it cannot (`kxsh.console.edit.plain_editor`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from kxsh.console.edit.draft import Draft
from kxsh.console.edit.draft_notes import Notes
from kxsh.errors import FormatFailure

if TYPE_CHECKING:
    from kxsh.boot.entry import Entry
    from kxsh.console.terminal import Terminal
    from kxsh.console.words.places import Places

# Nothing that boots is longer; beyond this a row a word would only be slow.
LONGEST = 64 * 1024


class Editor:
    """One entry being edited, its rows in `draft`; see `edit_entry`."""

    def __init__(
        self, terminal: Terminal, draft: Draft, title: str, doing: str, places: Places | None
    ) -> None:
        self._terminal = terminal
        self._draft = draft
        self._title = title
        self._doing = doing
        self._places = places
        self._notes = Notes(places)
        self.prepare()

    def prepare(self) -> None:
        """Get ready; what is missing for that is raised here."""

    def run(self) -> bool:
        """Let a person edit; return whether to go on with the draft."""
        raise NotImplementedError


def edit_entry(
    terminal: Terminal,
    entry: Entry,
    *,
    doing: str = "boot",
    places: Places | None = None,
    lines: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Entry | None:
    """Let a person edit an entry; return what it became, or None when they gave it up.

    `doing` is what the caller does with the result, for the keys' help: ``boot``. With
    `places`, files are looked for and completed; the caller releases them. `lines` gives the
    terminal to what asks for lines, where it is not as it was at first.
    Raises `FormatFailure` for a command line that is no such thing.
    """
    if len(entry.handover or entry.cmdline) > LONGEST:
        raise FormatFailure(
            f"the command line of `{entry.title}` has more than {LONGEST} characters",
            hint="no kernel takes that: its configuration is damaged",
        )
    draft = Draft(entry)
    if terminal.moves_cursor and terminal.stream_in.isatty():
        try:
            from kxsh.console.edit.editor_screen import EditorScreen

            done = EditorScreen(terminal, draft, entry.title, doing, places).run()
        except Exception as error:  # a terminal or installation without it, or a fault in it
            terminal.say(f"no full-screen editing here, lines instead: {type(error).__name__}")
        else:
            return draft.entry() if done else None
    from kxsh.console.edit.plain_editor import PlainEditor

    with lines():
        done = PlainEditor(terminal, draft, entry.title, doing, places).run()
    return draft.entry() if done else None
