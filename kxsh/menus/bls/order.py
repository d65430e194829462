"""The order of a menu, and titles that tell its entries apart.

Source: UAPI.1 Boot Loader Specification, "Sorting"; where that leaves a choice (whether
``.conf`` counts in a file's name) and for titles as systemd-boot does it.
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.entry import Entry
from kxsh.menus.bls.snippet import Tries
from kxsh.menus.bls.versions import compare
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
    from functools import cmp_to_key

    ids: set[str] = set()
    result = []
    for one in sorted(found, key=cmp_to_key(_compare)):
        name, number = one.entry.id, 1
        while name in ids:
            number += 1
            name = f"{one.entry.id}#{number}"
        ids.add(name)
        result.append(replace(one, entry=replace(one.entry, id=name)))
    return result


def _compare(a: Found, b: Found) -> int:
    if a.tries.exhausted != b.tries.exhausted:
        return 1 if a.tries.exhausted else -1
    if bool(a.key[0]) != bool(b.key[0]):
        return -1 if a.key[0] else 1
    if a.key[0]:
        if a.key[:2] != b.key[:2]:
            return -1 if a.key[:2] < b.key[:2] else 1
        newer = compare(b.key[2], a.key[2])
        if newer:
            return newer
    names = compare(b.name.lower(), a.name.lower()) or a.profile - b.profile
    if names or a.tries.left < 0 or b.tries.left < 0:
        return names
    return b.tries.left - a.tries.left or a.tries.done - b.tries.done


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
