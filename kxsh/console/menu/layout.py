"""The menu as lines for a window of any size: the only place that knows how it looks.

A line is a list of (style, text); no text is wider than the window, and every text that
is not ours has gone through `shown`. The words carry the meaning, styles only help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.boot.installer import installer
from kxsh.console.menu.model import Model
from kxsh.console.menu.page import Page
from kxsh.console.menu.titles import cut_titles
from kxsh.console.menu.tree import Row
from kxsh.record import record
from kxsh.text import cells, cut, fold

Line = list[tuple[str, str]]
Shown = Callable[[str], str]

# The keys named at the bottom, those first that a narrow window has room for.
_KEYS = (
    "Enter start", "? help", "e edit", "/ find", "c prompt", "Tab plan", ": boot line",
    "m machine",
)  # fmt: skip
# The same while something is typed, by what it is.
TYPING = {
    "filter": ("Enter keep these", "Esc show all", "arrows move the mark"),
    "line": ("Enter start", "Tab complete", "Esc back", "a label, then more words"),
}
_PAGE_KEYS = ("Esc back", "arrows scroll")
_PICK_KEYS = ("Enter choose", "Esc back")
# A title keeps this many columns before the remarks beside it are shortened.
_TITLE = 24
# Remarks stand at this column, or at the window's edge where that is nearer.
_FAR = 100


@record
class Drawing:
    """`lines` from the top of the window, `cursor` the line that is marked, `height` the
    lines that the list (or the page's text) has."""

    lines: Sequence[Line]
    cursor: int
    height: int


def draw(model: Model, columns: int, rows: int, shown: Shown, mode: str = "list") -> Drawing:
    """Return the list with what is said about the marked entry, in exactly `rows` lines.

    While something is typed (see `TYPING`), the note stands where the keys do.
    """
    details = 1 if rows < 14 else 2 if rows < 20 else 4 if rows < 40 else 8
    rule = rows >= 14
    height = max(1, rows - 2 - details - rule)
    top = model.scroll(height)
    width = len(str(len(model.choices)))
    visible = list(enumerate(model.rows))[top : top + height]
    lines: list[Line] = [_bar(shown(model.title), _position(model, top, height), columns)]
    texts = row_texts(model, [row for _, row in visible], width, columns, shown)
    for (at, row), text in zip(visible, texts, strict=True):
        lines.append(row_line(model, row, text, at == model.mark, width, columns, shown))
    if not visible:
        lines.append(
            [("", cut(f"  nothing matches `{shown(model.filter)}`; Esc shows all", columns))]
        )
    lines += [[("", "")] for _ in range(height - max(1, len(visible)))]
    if rule:
        lines.append([("rule", "-" * columns)])
    about = [cut(line, columns) for line in _details(model, columns, details, shown)][:details]
    about += [""] * (details - len(about))
    lines += [[("", line)] for line in about]
    if mode in TYPING and model.note:
        lines.append([("note", cut(f" {shown(model.note)}", columns))])
    else:
        lines.append([("keys", _keys(TYPING.get(mode, _KEYS), columns))])
    return Drawing(lines, 1 + model.mark - top, height)


def draw_page(page: Page, columns: int, rows: int, shown: Shown) -> Drawing:
    """Return a page in exactly `rows` lines; its `top` is put where it can be."""
    text = [part for line in page.lines for part in fold(shown(line), columns - 2, page.hang)]
    height = max(1, rows - 2 - len(page.items) - bool(page.items and text))
    page.top = max(0, min(page.top, len(text) - height))
    below = len(text) - page.top - height
    more = f"{page.top + 1}-{page.top + min(height, len(text))} of {len(text)}"
    lines: list[Line] = [_bar(shown(page.title), more if below > 0 or page.top else "", columns)]
    lines += [[("", f" {line}")] for line in text[page.top : page.top + height]]
    cursor = 0
    if page.items:
        lines += [[("", "")]] if text else []
        first, room = 0, max(1, rows - 1 - len(lines))
        if not page.question:
            first = max(0, page.mark - room + 1)
        for at, item in list(enumerate(page.items))[first : first + room]:
            marked = at == page.mark and not page.question
            cursor = len(lines) if marked else cursor
            key = f"{shown(item.key):1} " if any(other.key for other in page.items) else ""
            line = cut(f"{'>' if marked else ' '} {key}{shown(item.text)}", columns)
            lines.append([("selected" if marked else "", line)])
    lines += [[("", "")] for _ in range(rows - 1 - len(lines))]
    lines = lines[: rows - 1]
    keys = ("y yes", "any other key: no") if page.question else None
    lines.append([("keys", _keys(keys or (_PICK_KEYS if page.items else _PAGE_KEYS), columns))])
    return Drawing(lines, min(cursor, rows - 1), height)


def offered_lines(offered: Sequence[tuple[str, str]], columns: int, shown: Shown) -> list[str]:
    """Return names that can be typed, with their titles beside them."""
    names = [shown(name) for name, _ in offered]
    width = min(max(map(cells, names)), columns // 3)
    rooms = [columns - 4 - max(width, cells(name)) for name in names]
    titles = cut_titles(
        [
            (title, title.rpartition(" > ")[2], room)
            for (_, title), room in zip(offered, rooms, strict=True)
        ],
        shown,
    )
    return [
        cut(f"  {name:<{width}}" + ("" if given[0] == given[1] else f"  {title}"), columns)
        for given, name, title in zip(offered, names, titles, strict=True)
    ]


def draw_offered(
    offered: Sequence[tuple[str, str]], about: str, columns: int, rows: int, shown: Shown
) -> Drawing:
    """Return the names that fit a boot line, in exactly `rows` lines, instead of the list;
    `about` says what they are."""
    height = max(1, rows - 2)
    texts = offered_lines(offered, columns, shown)
    if len(texts) > height:
        texts = [*texts[: height - 1], f"  ... {len(texts) - height + 1} more"]
    lines: list[Line] = [_bar(about, str(len(offered)), columns)]
    lines += [[("", text)] for text in texts]
    lines += [[("", "")] for _ in range(height - len(texts))]
    lines.append([("keys", _keys(TYPING["line"], columns))])
    return Drawing(lines, rows - 1, height)


def _bar(title: str, right: str, columns: int) -> Line:
    title = cut(f" {title}", max(8, columns - cells(right) - 2))
    gap = max(1, columns - cells(title) - cells(right) - 1)
    return [("bar", cut(f"{title}{' ' * gap}{right} ", columns))]


def _position(model: Model, top: int, height: int) -> str:
    entries = [row for row in model.rows if row.kind == "entry"]
    if model.filter.strip():
        return f"{len(entries)} of {len(model.choices)} match"
    if len(model.rows) <= height:
        return ""
    above, below = top, len(model.rows) - top - height
    return " ".join([f"{above} above"] * (above > 0) + [f"{below} below"] * (below > 0))


def row_texts(
    model: Model, rows: Sequence[Row], width: int, columns: int, shown: Shown
) -> Sequence[str]:
    """Return what stands in each row, in the room that its number's column of `width` and its
    remarks leave; what tells entries apart stays in sight."""
    titles = []
    for row in rows:
        leaf, room = row.text, columns
        if row.kind != "heading":
            remarks = min(cells(shown(_remarks_of(model, row))), columns // 2)
            room -= 3 + width + 2 * row.depth + (remarks + 2 if remarks else 0)
        if row.kind == "entry":
            leaf = model.choices[row.at].leaf
        titles.append((row.text, leaf, room))
    return cut_titles(titles, shown)


def row_line(
    model: Model,
    row: Row,
    text: str,
    marked: bool,
    width: int,
    columns: int,
    shown: Shown,
    number: str = "",
) -> Line:
    """Return a row of the list, with its text of `row_texts`; `number` stands in its column of
    `width` (empty: the entry's own, or a submenu's sign)."""
    if row.kind == "heading":
        return [("heading", cut(text, columns))]
    style = ""
    if row.kind == "submenu":
        number = number or ("-" if row.open else "+")
    else:
        fault = model.choices[row.at].fault
        number = number or ("-" if fault else str(row.at + 1))
        style = "fault" if fault else ""
    head = f"{'>' if marked else ' '} {number:>{width}} {'  ' * row.depth}{text}"
    line = _beside(head, shown(_remarks_of(model, row)), columns)
    if marked:  # a bar as long as those of other lines
        line += " " * (min(columns, _FAR) - cells(line))
    return [("selected" if marked else style, line)]


def _beside(head: str, remarks: str, columns: int) -> str:
    """Return a line with its remarks at the right, but not so far that the eye loses the line;
    both are shortened where they must be."""
    if not remarks:
        return cut(head, columns)
    if cells(head) + cells(remarks) + 2 <= _FAR:
        columns = min(columns, _FAR)
    room = max(columns - cells(head) - 2, columns - _TITLE - 2 if columns > 60 else columns // 3)
    remarks = cut(remarks, max(4, min(room, columns // 2)))
    head = cut(head, columns - cells(remarks) - 2)
    return head + " " * (columns - cells(head) - cells(remarks)) + remarks


def _remarks_of(model: Model, row: Row) -> str:
    """Return what stands beside a row."""
    if row.kind == "submenu":
        return f"{row.count} {'entry' if row.count == 1 else 'entries'}"
    choice = model.choices[row.at]
    remarks = ["default"] if choice.id == model.default and not choice.fault else []
    key = model.hot_key(choice)
    remarks += [f"key {key}"] if key else []
    if choice.fault:
        remarks.append("cannot start")
    elif installer(choice.entry):
        remarks.append("installer")
    elif choice.confirm:
        remarks.append("asks first")
    if choice.identity in model.edited:
        remarks.append("edited")
    needs = "" if choice.fault else model.needs(choice)
    return ", ".join([*remarks, needs] if needs else remarks)


def _details(model: Model, columns: int, height: int, shown: Shown) -> list[str]:
    """Return what is said about the marked row, the most important first."""
    row, choice = model.row, model.choice
    if row is None:
        return []
    path = " > ".join((*row.path, row.text)) if row.path else ""
    if choice is None:
        return [shown(path or row.text), "Right or Enter opens it, Left closes it"]
    lines: list[str] = []
    if choice.fault:
        lines += fold(shown(f"cannot start: {choice.fault}"), columns)
    if choice.confirm:
        lines.append("asks once more before it starts")
    entry = model.entry_of(choice)
    if entry is None:
        return [*lines, *([shown(path)] if path else [])]
    if installer(entry):
        lines.append(shown(f"looks like an installer: {installer(entry)}"))
    words = " ".join(((entry.handover or entry.cmdline).strip(), *model.added_to(choice))).strip()
    line = shown(f"cmdline  {words}") if words else ""
    if height == 1:
        return [*lines, *filter(None, (line, shown(path)))]
    cmdline = fold(line, columns) if line else []
    spoken = model.spoken
    kernel = [shown(f"kernel   {spoken(entry.kernel)}")] if entry.kernel else []
    others = [shown(f"initrd   {spoken(initrd)}") for initrd in entry.initrds]
    others += [shown(f"in       {path}")] if path else []
    others += [shown(f"from     {spoken(entry.source)}")] if entry.source else []
    others += [shown(f"help     {line}") for line in entry.help.splitlines() if line.strip()]
    room = max(1, height - len(lines) - len(kernel) - (1 if others else 0))
    if len(cmdline) > room:
        cmdline = [*cmdline[: room - 1], cut(cmdline[room - 1] + " ...", columns)]
    return [*lines, *kernel, *cmdline, *others]


def _keys(keys: Sequence[str], columns: int) -> str:
    """Return as many of the keys as there is room for."""
    line = ""
    for key in keys:
        longer = f"{line}  {key}" if line else f" {key}"
        if cells(longer) > columns:
            break
        line = longer
    return line
