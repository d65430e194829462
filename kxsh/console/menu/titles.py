"""Titles in a window that is too narrow for them: what tells them apart stays in sight."""

from __future__ import annotations

from kxsh.text import cells, cut, fitting

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# A submenu's title of fewer columns says nothing.
_SUBMENU = 8
# So many columns of what titles have in common stand before what tells them apart.
_COMMON = 8


def cut_title(title: str, leaf: str, columns: int, shown: Callable[[str], str]) -> str:
    """Return a title as it is shown, in at most `columns`: of ``submenu > leaf`` the submenu
    is shortened, then left out, before the leaf is."""
    whole = shown(title)
    if cells(whole) <= columns or leaf == title or not title.endswith(f" > {leaf}"):
        return cut(whole, columns)
    end = shown(f" > {leaf}")
    room = columns - cells(end)
    if room < _SUBMENU:
        return cut(shown(leaf), columns)
    return cut(shown(title.removesuffix(f" > {leaf}")), room) + end


def cut_titles(
    titles: Sequence[tuple[str, str, int]], shown: Callable[[str], str]
) -> Sequence[str]:
    """Return titles, each given with its leaf and its columns, as `cut_title` does; of those
    that would look alike though they are not, the part that differs."""
    texts = [cut_title(title, leaf, columns, shown) for title, leaf, columns in titles]
    wholes = [shown(title) for title, _, _ in titles]
    kept = [
        text.removesuffix("...") if text != whole else f"{text}\0"
        for text, whole in zip(texts, wholes, strict=True)
    ]
    alike: list[list[int]] = []
    for at in sorted(range(len(kept)), key=lambda at: kept[at]):
        if alike and kept[at].startswith(kept[alike[-1][0]]):
            alike[-1].append(at)
        else:
            alike.append([at])
    for group in alike:
        known = sorted({wholes[at] for at in group})
        for at in group if len(known) > 1 else ():
            place = known.index(wholes[at])
            common = max(_common(wholes[at], other) for other in _beside(known, place))
            texts[at] = _part(wholes[at], common, titles[at][2])
    return texts


def _beside(texts: Sequence[str], place: int) -> Sequence[str]:
    return [*texts[max(0, place - 1) : place], *texts[place + 1 : place + 2]]


def _common(one: str, other: str) -> int:
    """Return how many characters two different texts begin with alike."""
    length = min(len(one), len(other))
    return next((at for at in range(length) if one[at] != other[at]), length)


def _part(text: str, place: int, columns: int) -> str:
    """Return the part of a text around a place, in at most `columns`."""
    room = columns - 3
    first = len(text) - fitting(text[::-1], max(1, room))
    first = min(max(0, place - _COMMON), first)
    return cut(f"...{text[first:]}", columns) if first else cut(text, columns)
