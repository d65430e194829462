"""The sections of a configuration: what holds for all, then one per image."""

from __future__ import annotations

from collections.abc import Iterable

from kxsh.menus import limits
from kxsh.menus.lilo.tokens import Pair
from kxsh.menus.reading import Reading
from kxsh.record import fresh, mutable

# More than a section of any loader can have.
_SETTINGS = 200


@mutable
class Section:
    """Settings under one head: `kind` ``image`` or ``other`` (empty: for all), `head` its
    value. Flags have the value ``""``."""

    kind: str = ""
    head: str = ""
    line: int = 0
    settings: dict[str, str] = fresh(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.settings

    def get(self, name: str) -> str | None:
        return self.settings.get(name)

    @property
    def label(self) -> str:
        """Its name: the label, else the last part of the file's or device's name."""
        return self.get("label") or self.head.replace("\\", "/").rpartition("/")[2] or self.head


def split(
    reading: Reading,
    pairs: Iterable[Pair],
    heads: Iterable[str],
    *,
    joined: Iterable[str] = (),
    repeated: Iterable[str] = (),
) -> tuple[Section, list[Section]]:
    """Return the settings for all, and the sections in order.

    A name in `heads` begins a section. The first of two equal settings counts, and that
    is a problem but for those in `repeated`; those in `joined` are put together with a
    blank.
    """
    general = Section()
    current = general
    sections: list[Section] = []
    begin, join, again = frozenset(heads), frozenset(joined), frozenset(repeated)
    for pair in pairs:
        name, value = pair.name.lower(), pair.value or ""
        if name in begin:
            if len(sections) >= limits.ENTRIES:
                reading.complain(reading.source, pair.line, "further entries are left out")
                break
            current = Section(name, value, pair.line)
            sections.append(current)
        elif name not in current.settings:
            if len(current.settings) < _SETTINGS:
                current.settings[name] = value
        elif name in join:
            if len(current.settings[name]) < limits.LINE:
                current.settings[name] += f" {value}"
        elif name not in again:
            reading.complain(reading.source, pair.line, f"{name[:40]} is given twice")
    return general, sections
