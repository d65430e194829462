"""All faults of a text, and what can be read of it in spite of them.

A fault is patched - by its fix, or by blanking the statement with its braces kept - and
the text is parsed on from the statement outside of all braces that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh.errors import Edit, ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_part, refuse_large, top_of_fault, transformer_of
from kxsh.syntax.patches import Patched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# More faults than this are not read by anybody; a text of another language has thousands.
FAULT_LIMIT = 50
# Characters that are parsed again, in all: what stands before a fault in its statement.
AGAIN_LIMIT = 200_000

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_QUOTED = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?""")
_BLANK = re.compile(r"[ \t\n;]*")
_PIECE = re.compile(rf"""{_QUOTED.pattern}|[^"'#;\n()\[\]]+|.|\n""")
_CONTINUES = re.compile(r"\n[ \t]*--[a-z][^\n]*")
# A statement's first word -> what stands for it when only its block could be kept.
_HOLLOW = {
    "for": "for _ in [] {",
    "while": "for _ in [] {",
    "until": "for _ in [] {",
    "menu": 'menu "_" {',
    "submenu": 'menu "_" {',
    "entry": "entry _ {",
    "fn": "fn _ {",
    "function": "fn _ {",
    "match": "match null { null { }",
    "else": "else if true {",
}


class Reading:
    """What was read of a text: the tree of `script`, whose places are those of the
    patched text, and the `faults`, with the original's places, in their order.

    `unread` are the names that stand in what was left out: what is found about one of
    them may be a consequence only.
    """

    def __init__(self, source: Source) -> None:
        self.patched = Patched(source)
        self.statements: list[ast.Statement] = []
        self.faults: list[ParseError] = []
        self.unread: set[str] = set()

    @property
    def script(self) -> ast.Script:
        text = self.patched.source
        return ast.Script(Span(text, 0, len(text.text)), tuple(self.statements))

    def note_unread(self, text: str) -> None:
        self.unread.update(_NAME.findall(text))


def read(source: Source, *, prompt: bool = False) -> Reading:
    """Return what can be read of a source; it never raises."""
    reading = Reading(source)
    try:
        refuse_large(source)
    except ParseError as error:
        reading.faults.append(error)
        return reading
    try:
        _Salvage(reading, "repl" if prompt else "start").run()
    except RecursionError:
        place = Span(source, 0, 0)
        reading.faults.append(ParseError("an expression is nested too deeply", span=place))
    reading.faults.sort(key=lambda fault: fault.span.start if fault.span else 0)
    return reading


class _Salvage:
    def __init__(self, reading: Reading, start: str) -> None:
        self._reading = reading
        self._start = start
        self._begin = 0  # of what is still to be read, in the patched text
        self._attempts: dict[int, int] = {}  # by the place of a statement in the original
        self._again = 0

    def run(self) -> None:
        while not self._rest_is_read():
            pass

    def _rest_is_read(self) -> bool:
        """Read up to the next fault, and patch that; tell whether that was the end."""
        source = self._reading.patched.source
        rest = source.text[self._begin :]
        trees, fault = parse_part(source, rest + "\n", self._start, self._begin)
        # An inner parse, of `${...}`, overwrites it.
        top = top_of_fault()
        self._keep(trees, self._begin)
        if fault is None:
            return True
        if fault.seam is not None:
            self._begin += min(top, len(rest))
        if self._patch(fault):
            return False
        self._reading.note_unread(self._reading.patched.source.text[self._begin :])
        return True

    def _keep(self, trees: list[Any], base: int) -> None:
        """Add the statements of these trees; those that are faulty are noted."""
        source = self._reading.patched.source
        faults: list[tuple[ParseError, Span]] = []
        self._reading.statements += transformer_of(source, base, faults).statements(trees)
        for error, place in faults:
            self._note(error, 0)
            self._reading.note_unread(place.text)

    def _patch(self, fault: ParseError) -> bool:
        """Note a fault and let the next parse get past it; False: there is no way."""
        patched = self._reading.patched
        if fault.seam is None or fault.span is None:
            self._note(fault, 0)
            return False
        source = patched.source
        seam = patched.span(Span(source, fault.seam, fault.seam)).start
        attempts = self._attempts.get(seam, 0)
        self._attempts[seam] = attempts + 1
        self._note(fault, attempts)
        self._again += max(0, fault.span.start - self._begin)
        if len(self._reading.faults) >= FAULT_LIMIT or self._again > AGAIN_LIMIT:
            return False
        edits = _patch_of(fault, source.text) if attempts < 3 else ()
        if edits:
            if fault.fix is None:  # what is left out
                self._reading.note_unread("\n".join(edit.span.text for edit in edits))
            self._go_back(min(edit.span.start for edit in edits))
            patched.apply(edits)
            return True
        return self._blank(fault, hollow=attempts < 5) and attempts < 6

    def _go_back(self, start: int) -> None:
        """Read again from a place that a patch changes, if it was read already."""
        if start < self._begin:
            kept = [node for node in self._reading.statements if node.span.start < start]
            self._reading.statements = kept
            self._begin = start

    def _note(self, fault: ParseError, attempts: int) -> None:
        """Keep a fault, unless it is but what is left of a patched statement."""
        told = self._reading.patched.error(fault)
        known = [(item.code, item.span and item.span.start) for item in self._reading.faults]
        again = (told.code, told.span and told.span.start) in known
        if (
            len(known) < FAULT_LIMIT
            and not again
            and not (attempts and fault.code == ParseError.code)
        ):
            self._reading.faults.append(told)

    def _blank(self, fault: ParseError, *, hollow: bool) -> bool:
        """Blank the statement; `hollow` keeps the braces that it opens and closes."""
        source = self._reading.patched.source
        assert fault.seam is not None and fault.span is not None
        start, end = _statement(source.text, fault.seam, fault.span.start)
        text = source.text[start:end]
        if not text.strip():
            return False
        self._reading.note_unread(text)
        kept = _hollowed(text) if hollow else ""
        if kept == text:
            return False
        self._reading.patched.apply([Edit(Span(source, start, end), kept or " ")])
        return True


def _patch_of(fault: ParseError, text: str) -> Sequence[Edit]:
    """Return the edits that put a fault right, if what they make of it can be trusted."""
    if fault.fix is None or fault.span is None:
        return fault.repair
    line = text[fault.span.end : text.find("\n", fault.span.end)]
    # `menu a && b {`: with two lines the block would belong to something else.
    return () if fault.code == "KX002" and "{" in line else fault.fix.edits


def _statement(text: str, seam: int, fault: int) -> tuple[int, int]:
    """Return where the statement around a fault begins and ends, its last line included."""
    start = _BLANK.match(text, seam).end()  # type: ignore[union-attr]
    end, depth = start, 0
    for piece in _PIECE.finditer(text, start):
        end = piece.start()
        sign = piece.group()
        if sign in ("(", "["):
            depth += 1
        elif sign in (")", "]"):
            depth -= 1
        elif end >= fault and (sign == ";" or (sign == "\n" and not _goes_on(text, piece, depth))):
            break
        end = piece.end()
    while goes_on := _CONTINUES.match(text, end):
        end = goes_on.end()
    return start, end


def _goes_on(text: str, newline: re.Match[str], depth: int) -> bool:
    """Tell whether a line end stands inside of ( or [: what follows is indented, or closes."""
    return depth > 0 and text[newline.end() : newline.end() + 1] in (" ", "\t", ")", "]")


def _hollowed(text: str) -> str:
    """Return the braces that a statement's text leaves open or closes, as kxs."""
    bare = _QUOTED.sub("", text)
    closing, opening = 0, 0
    for sign in bare:
        if sign == "{":
            opening += 1
        elif sign == "}":
            if opening:
                opening -= 1
            else:
                closing += 1
    word = _NAME.match(text)
    head = _HOLLOW.get(word.group() if word else "", "if true {")
    return "}" * closing + (head + "if true {" * (opening - 1) if opening else "")
