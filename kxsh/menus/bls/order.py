"""The order of a menu, and titles that tell its entries apart.

Source: UAPI.1 Boot Loader Specification, "Sorting"; where that leaves a choice (whether
``.conf`` counts in a file's name) and for titles as systemd-boot does it.
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.entry import Entry
from kxsh.menus.bls import versions
from kxsh.menus.bls.snippet import Tries
from kxsh.record import record, replace


@record
class Found:
    """An entry with what it is sorted by: `key` is (sort-key, machine-id, version), `name`
    the file's name without its counts (the id of an image's first profile)."""

    entry: Entry
    key: tuple[str, str, str]
    tries: Tries
    name: str
    profile: int = 0


def ordered(found: list[Found]) -> list[Found]:
    """Return the entries in the order of their menu; ids that are taken get a number."""
    ids: set[str] = set()
    result = []
    for one in _sorted(found):
        name, number = one.entry.id, 1
        while name in ids:
            number += 1
            name = f"{one.entry.id}#{number}"
        ids.add(name)
        result.append(replace(one, entry=replace(one.entry, id=name)))
    return result


def _sorted(found: list[Found]) -> list[Found]:
    """Sort by what counts least first: each sort leaves what is equal as it was."""
    found = sorted(found, key=lambda one: (-one.tries.left, one.tries.done))
    found.sort(key=lambda one: one.profile)
    found.sort(key=lambda one: versions.key(one.name.lower()), reverse=True)
    keyed = [one for one in found if one.key[0]]
    keyed.sort(key=lambda one: versions.key(one.key[2]), reverse=True)
    keyed.sort(key=lambda one: one.key[:2])
    found = keyed + [one for one in found if not one.key[0]]
    return sorted(found, key=lambda one: one.tries.exhausted)


def distinct(found: list[Found]) -> list[Found]:
    """Return the entries with titles that differ: by version, else machine, else id."""
    more: tuple[Callable[[Found], str], ...] = (
        lambda one: one.key[2],
        lambda one: one.key[1][:8],
        lambda one: one.entry.id,
    )
    for what in more:
        counts: dict[str, int] = {}
        for one in found:
            counts[one.entry.title] = counts.get(one.entry.title, 0) + 1
        if max(counts.values(), default=0) < 2:
            break
        found = [_with(one, what(one)) if counts[one.entry.title] > 1 else one for one in found]
    return found


def _with(one: Found, what: str) -> Found:
    if not what:
        return one
    return replace(one, entry=replace(one.entry, title=f"{one.entry.title} ({what})"))
