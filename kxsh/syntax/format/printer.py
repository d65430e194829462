"""Statements and blocks back to text."""

from __future__ import annotations

from dataclasses import dataclass

from kxsh.syntax.format.pieces import Block, Gap, Leaf, Statement
from kxsh.syntax.format.spacing import CLOSING, OPENING, Spacing

# Longer lines are broken. A comment at the end of a line does not count.
WIDTH = 88
_STEP = 2


@dataclass(slots=True)
class Line:
    """A line without its end; `inner`: it belongs to a block inside of the statement."""

    text: str
    comment: str = ""
    inner: bool = False

    def __str__(self) -> str:
        return f"{self.text}  {self.comment}" if self.comment else self.text


def print_script(script: Block) -> str:
    """Return the text of a whole script."""
    return "".join(f"{line}\n" for line in _Printer().block(script, 0)[1:])


class _Printer:
    """Prints blocks, each once: a statement that is laid out three ways, in a block of one
    that is, and so on, would else take for ever."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Line]] = {}
        self._flat: dict[int, str] = {}

    def block(self, block: Block, indent: int) -> list[Line]:
        """Return the lines of a block's statements and comments; the first one is empty and
        carries the comment of the line that the block begins on."""
        if id(block) not in self._lines:
            self._lines[id(block)] = self._block(block, indent)
        return self._lines[id(block)]

    def _block(self, block: Block, indent: int) -> list[Line]:
        lines = [Line("")]
        for place, statement in enumerate(block.statements):
            first, gap = place == 0, _gap(statement)
            _print_comments(gap, indent, lines, first=first)
            if gap.apart and (gap.own or not first):
                lines.append(Line(""))
            last = place + 1 == len(block.statements)
            after = block.closing if last else _gap(block.statements[place + 1])
            lines += self._statement(statement, indent, fixed=_speaks_of_lines(statement, after))
        _print_comments(block.closing, indent, lines, first=not block.statements)
        return lines

    def _statement(self, statement: Statement, indent: int, *, fixed: bool) -> list[Line]:
        """Return the first lines that fit: as written (if `fixed` these), blocks opened, broken."""
        lines: list[Line] = []
        for opened, broken in ((False, False), (True, False), (True, True)):
            lines = _Layout(self, statement, indent, opened=opened, broken=broken).lines()
            if fixed or all(line.inner or len(line.text) <= WIDTH for line in lines):
                break
        return lines

    def flat(self, block: Block) -> str:
        """Return a block that was written on one line as one line."""
        if not block.statements:
            return "{ }"
        if id(block) not in self._flat:
            parts = [self._flat_statement(statement) for statement in block.statements]
            self._flat[id(block)] = f"{{ {(' ' if block.arms else '; ').join(parts)} }}"
        return self._flat[id(block)]

    def _flat_statement(self, statement: Statement) -> str:
        parts: list[str] = []
        spacing = Spacing()
        for element in statement:
            if isinstance(element, Block):
                parts += [" ", self.flat(element)]
                spacing.end_block()
            else:
                parts += ["" if spacing.glued(element) or not parts else " ", element.text]
        return "".join(parts)


def _gap(statement: Statement) -> Gap:
    return statement[0].gap


def _speaks_of_lines(statement: Statement, after: Gap) -> bool:
    """Tell whether a comment such as `# kxs: allow` is about a line of the statement: what
    it is about must not move to another."""
    gaps = [element.gap for element in statement]
    texts = [gap.trailing for gap in (*gaps[1:], after)]
    texts += [comment.text for gap in gaps for comment in gap.own]
    return any("kxs:" in text for text in texts)


def _print_comments(gap: Gap, indent: int, lines: list[Line], *, first: bool) -> None:
    """Add a gap's comments: `first`, no blank line comes before them."""
    lines[-1].comment = gap.trailing
    for place, comment in enumerate(gap.own):
        if comment.apart and not (first and place == 0):
            lines.append(Line(""))
        lines.append(Line(" " * indent + comment.text))


class _Layout:
    """One way to lay a statement out: `opened`: its one-line blocks get lines of their own;
    `broken`: lines that are too long are broken before options and `else`."""

    def __init__(
        self, printer: _Printer, statement: Statement, indent: int, *, opened: bool, broken: bool
    ) -> None:
        self._printer = printer
        self._statement = statement
        self._indent = indent
        self._opened = opened
        self._broken = broken
        self._done: list[Line] = []
        self._begin_line(indent)
        self._starts: list[int] = []  # indents of the lines on which open brackets stand
        self._spacing = Spacing()

    def lines(self) -> list[Line]:
        for place, element in enumerate(self._statement):
            if isinstance(element, Block):
                self._add_block(element)
                self._spacing.end_block()
            else:
                self._add_leaf(place, element)
        self._end_line()
        return self._done

    # -- leaves

    def _add_leaf(self, place: int, leaf: Leaf) -> None:
        glued = self._spacing.glued(leaf)
        closing = leaf.type in CLOSING
        start = self._starts.pop() if closing else None
        if place and self._breaks(place, leaf, start is not None or bool(self._starts)):
            self._break(place, leaf, start)
        elif place and not glued:
            self._write(" ")
        if leaf.type in OPENING:
            self._starts.append(self._line_indent)
        self._write(leaf.text)

    def _breaks(self, place: int, leaf: Leaf, bracketed: bool) -> bool:
        """Tell whether a new line begins with this leaf."""
        if leaf.gap.commented:
            return True
        if not leaf.gap.broken:
            return self._broken and not bracketed and self._overflows(place, leaf)
        if bracketed:
            return True
        if leaf.type == "ELSE":
            return not isinstance(self._statement[place - 1], Block)
        return _continues(leaf) or leaf.gap.escaped

    def _overflows(self, place: int, leaf: Leaf) -> bool:
        """Tell whether an option or `else`, with what belongs to it, is too long for the line."""
        if not self._may_break(place, leaf):
            return False
        spacing = Spacing()
        spacing.glued(leaf)
        room = WIDTH - self._width - len(leaf.text) - 1
        depth = 0
        for offset in range(place + 1, len(self._statement)):
            element = self._statement[offset]
            if isinstance(element, Block):
                room -= len(self._printer.flat(element)) + 1 if self._stays_flat(element) else 2
                break
            depth += (element.type in OPENING) - (element.type in CLOSING)
            if depth == 0 and (self._may_break(offset, element) or element.gap.broken):
                break
            room -= len(element.text) + 1
        return room < 0

    def _may_break(self, place: int, leaf: Leaf) -> bool:
        if leaf.type == "ELSE":
            return not isinstance(self._statement[place - 1], Block)
        return leaf.type in ("OPT", "OPTVAL")

    def _break(self, place: int, leaf: Leaf, start: int | None) -> None:
        """End the line before a leaf; `start`: the indent of the bracket that it closes."""
        if start is not None:
            indent = start
        elif self._starts:
            indent = self._starts[-1] + _STEP
        else:
            indent = self._indent + (0 if leaf.type == "ELSE" else _STEP)
            if leaf.gap.escaped and not _continues(leaf):
                self._write(" \\")
        self._end_line()
        # Blank lines are kept between the items of brackets only.
        grouped = start is not None or (bool(self._starts) and not self._after_opening(place))
        if leaf.gap.commented:
            inner = indent if start is None else start + _STEP
            _print_comments(leaf.gap, inner, self._done, first=not grouped)
        if leaf.gap.apart and start is None and (grouped or (leaf.gap.own and self._starts)):
            self._done.append(Line(""))
        self._begin_line(indent)

    def _after_opening(self, place: int) -> bool:
        before = self._statement[place - 1]
        return isinstance(before, Leaf) and before.type in OPENING

    # -- lines

    def _begin_line(self, indent: int) -> None:
        self._line_indent = self._width = indent
        self._parts = [" " * indent]

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._width += len(text)

    def _end_line(self) -> None:
        self._done.append(Line("".join(self._parts)))

    # -- blocks

    def _stays_flat(self, block: Block) -> bool:
        if not block.statements:
            return not block.closing.commented
        return block.flat and not self._opened

    def _add_block(self, block: Block) -> None:
        if self._width > self._line_indent:
            self._write(" ")
        if self._stays_flat(block):
            self._write(self._printer.flat(block))
            return
        self._write("{")
        self._end_line()
        opening, *inner = self._printer.block(block, self._indent + _STEP)
        self._done[-1].comment = opening.comment
        for line in inner:
            line.inner = True
        self._done += inner
        self._begin_line(self._indent)
        self._write("}")


def _continues(leaf: Leaf) -> bool:
    """Tell whether a line that begins with this leaf continues the one before it."""
    return leaf.type == "ELSE" or (leaf.text[:2] == "--" and "a" <= leaf.text[2:3] <= "z")
