"""Habits of other languages, told the kxs way at the place where they were typed.

Here is what the grammar stumbles over; commands that parse well and exist elsewhere are in
`kxsh.commands.foreign`. Fixes are `safe` only where nothing else can have been meant.
"""

from __future__ import annotations

from kxsh.errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kxsh.syntax.faults import Place


def explain(place: Place) -> ParseError | None:
    """Return the error that fits what stands at a fault, or None for an ordinary one."""
    for find in _finders():
        error = find(place)
        if error is not None:
            return error
    return None


def _finders() -> tuple[Callable[[Place], ParseError | None], ...]:
    """Return who looks, in turn: the first that knows the text explains it, and what is
    surest stands first. Imported here: a script without a fault needs none of their
    regular expressions."""
    from kxsh.syntax.foreign import (
        arms,
        blocks,
        characters,
        comparisons,
        devices,
        loops,
        shapes,
        starts,
        substitutions,
        symbols,
        values,
        words,
    )

    return (
        characters.find,
        blocks.find_definition,
        blocks.find_construct,
        words.find_open_quote,
        devices.find,
        shapes.find_comment,
        starts.find,
        blocks.find_test,
        loops.find,
        substitutions.find,
        comparisons.find,
        arms.find,
        words.find_equals,
        values.find,
        symbols.find,
        blocks.find_keyword,
        words.find_assignment,
        shapes.find,
        words.find_bare_word,
    )
