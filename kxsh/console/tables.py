"""Tables and flowing text for the prompt, and the table of what is mounted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kxsh.diagnostics import Diagnostic, render, render_error
from kxsh.errors import KxshError
from kxsh.machine.protocol import Mount
from kxsh.text import cells, cut, display, fitting

Row = tuple[str, ...]

# No cell but the last is wider than this: a label cannot push the others off the screen.
_WIDEST = 32
# Below this many columns, tables show only what a person cannot do without.
NARROW = 60
_TINT = re.compile(r"\x1b\[[0-9;]*m")
# An error is not written wider than this.
_ERRORS = 80
# So many columns that no row is cut.
_UNBROKEN = 10_000


def table(
    rows: Iterable[Sequence[str]], columns: int, shown: Callable[[str], str] = display
) -> str:
    """Return aligned rows, none longer than `columns`. The last cell of a row may be
    of any length; a row with fewer cells than others ends in such a cell, too. `shown` is how
    untrusted text stands on the terminal: there it may be wider."""
    lines = [[shown(cell) for cell in row] for row in rows]
    widths = column_widths(lines)
    for line in lines:
        line[:-1] = [cut(cell, _WIDEST) for cell in line[:-1]]
    return "\n".join(cut(_line(line, widths), columns) for line in lines)


def column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide `table` makes each column but the last."""
    widths = [0] * max(len(row) for row in rows)
    for row in rows:
        for index, cell in enumerate(row[:-1]):
            widths[index] = max(widths[index], min(cells(display(cell)), _WIDEST))
    return widths


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=False)]
    return "  ".join(padded).rstrip()


def names(groups: Iterable[tuple[str, Sequence[str]]], columns: int) -> str:
    """Return each group's names beside its heading, over several lines where needed; below
    it on a narrow screen."""
    lines: list[str] = []
    for heading, members in groups:
        if not members:
            continue
        if columns < NARROW:
            lines += [heading, *_wrap("  ".join(members), columns, "  ", "  ")]
        else:
            lines += _wrap("  ".join(members), columns, f"{heading:<20} ", " " * 21)
    return "\n".join(lines)


def flowed(text: str, columns: int) -> str:
    """Return a help text in lines of at most `columns`: paragraphs are filled, and lines
    of two columns continue in the second."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1][:1].strip() and line[:1].strip():
            lines[-1] += " " + line
        else:
            lines.append(line)
    return "\n".join(part for line in lines for part in _flow(line, columns))


def rendered(error: KxshError, columns: int, *, color: bool) -> str:
    """Return an error in lines of at most `columns`: sentences are broken between words,
    the excerpt of the source is cut."""
    return _fitted(render_error(error, color=color, width=min(columns, _ERRORS)), columns)


def rendered_finding(finding: Diagnostic, columns: int, *, color: bool) -> str:
    """Return a finding as `rendered` does an error."""
    return _fitted(render(finding, color=color, width=min(columns, _ERRORS)), columns)


def _fitted(text: str, columns: int) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        excerpt = line.lstrip(" 0123456789").startswith(("|", "-->", "\x1b[36m"))
        lines += [line] if excerpt else broken(line, columns)
    return "\n".join(lines)


def sentences(text: str, columns: int) -> str:
    """Return a text with the lines that are too long broken between words."""
    return "\n".join(part for line in text.split("\n") for part in broken(line, columns))


def broken(line: str, columns: int) -> list[str]:
    """Return a sentence, perhaps with colours in it, in lines of at most `columns`."""
    if _visible(line) <= columns:
        return [line]
    lines = [""]
    for word in line.split():
        if lines[-1].strip() and _visible(lines[-1]) + 1 + _visible(word) > columns:
            lines.append(f"  {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _visible(text: str) -> int:
    return cells(_TINT.sub("", text))


def _flow(line: str, columns: int) -> list[str]:
    indent = len(line) - len(line.lstrip())
    if "  " in line.strip():
        indent = min(indent + 15, columns // 2)
    return _wrap(line, columns, "", " " * indent) or [""]


def _wrap(text: str, columns: int, first: str, others: str) -> list[str]:
    from textwrap import wrap

    lines = wrap(
        text,
        columns,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [part for line in lines for part in _at_bars(line, columns, others)]


def _at_bars(line: str, columns: int, indent: str) -> list[str]:
    """Break a line that is still too long at the bars between its alternatives."""
    parts = []
    while len(line) > columns and (bar := line.rfind("|", len(indent) + 1, columns)) > 0:
        parts.append(line[: bar + 1])
        line = indent + line[bar + 1 :]
    return [*parts, line]


def mounts(
    mounted: Sequence[tuple[Mount, str]], columns: int, shown: Callable[[str], str] = display
) -> str:
    """Return every mount with the line that made it, where that is known."""
    if not mounted:
        return "nothing is mounted"
    rows: list[Row] = [("directory", "device", "type", "mode", "label", "mounted by")]
    for mount, line in mounted:
        mode = "rw" if mount.writable else "ro"
        device = mount.device
        rows.append((mount.path, str(device), mount.fstype, mode, device.label, line))
    if columns < NARROW:
        return table([(row[0], row[1], row[4]) for row in rows], columns, shown)
    whole = table(rows, _UNBROKEN, shown)
    if all(cells(line) <= columns for line in whole.split("\n")):
        return whole
    lines = table([row[:-1] for row in rows], columns, shown).split("\n")
    made = [_made_by(shown(row[-1]), columns) if row[-1] else [] for row in rows[1:]]
    below = zip(lines[1:], made, strict=True)
    return "\n".join([lines[0], *(part for line, more in below for part in (line, *more))])


def _made_by(line: str, columns: int) -> list[str]:
    """Return which line mounted something, below what it mounted: a place shows its end."""
    head = "  mounted by "
    room = columns - cells(head)
    if cells(line) > room and not line.startswith("`"):
        line = f"...{line[len(line) - fitting(line[::-1], room - 3) :]}"
    return [head + cut(line, room)]
