"""`kxsh --fmt`: one look for every script, whoever wrote it.

Two blanks a level; one blank between words; `} else {` on one line; nothing aligned. The
writer's choices stay: comments, groups of lines, a block written on one line, and where
a line was broken. A line that is too long first opens its one-line blocks, then breaks
before its options. Words and strings stay as they are written.
"""

from __future__ import annotations

from kxsh.errors import InternalFault, ParseError
from kxsh.source import Source, Span
from kxsh.syntax import limits
from kxsh.syntax.format.pieces import read_pieces
from kxsh.syntax.format.printer import print_script
from kxsh.syntax.parser import parse_script


def format_source(source: Source) -> str:
    """Return a script's text in the one look; raise `ParseError` where it is not kxs.

    The result is parsed again: it means what the source means, or `InternalFault`.
    """
    meant = parse_script(source)
    text = print_script(read_pieces(source))
    if len(text) > limits.SIZE:
        raise ParseError("formatted, it would be larger than 1 MiB", span=Span(source, 0, 0))
    if parse_script(Source(source.name, text)) != meant:
        raise InternalFault(f"formatting would change what {source.name} means")
    return text
