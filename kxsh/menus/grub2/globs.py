"""Wildcards in file and device names (grub-core/commands/wildcard.c)."""

from __future__ import annotations

from kxsh.menus.grub2.words import unprotect

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.menus.grub2.world import World

# More names than this, of one pattern, are not files that a menu offers.
_MATCHES = 1000
_ANY = "*"
_ONE = "?"


def matches(pattern: str, world: World, root: str) -> list[str]:
    """Return the names that `pattern` stands for, sorted; none where it is no pattern.

    Names are looked up on the device `root` unless the pattern names one itself.
    """
    if pattern[:1] not in ("/", "(", "*") or not _active(pattern):
        return []
    device, slash, rest = pattern.partition("/")
    found = [unprotect(device)]
    globbed = _active(device)
    if globbed:
        whole = not device.startswith("(")
        found = [
            f"({name})"
            for name in world.names()
            if _fits(f"({name})", _compile(device)) and not (whole and "," in name)
        ]
    if not slash:
        return found
    for part in rest.split("/"):
        if not _active(part):
            found = [f"{path}/{unprotect(part)}" for path in found]
            continue
        globbed = True
        want = _compile(part)
        found = [
            f"{path}/{name}"
            for path in found
            for name in world.listing(path + "/", root)
            if _fits(name, want)
        ][:_MATCHES]
    if globbed and not _active(rest.rpartition("/")[2]):
        found = [path for path in found if world.exists(path, root)]
    return found


def _active(pattern: str) -> bool:
    """Tell whether an unprotected wildcard is in `pattern`."""
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            next(characters, "")
        elif character in "*?":
            return True
    return False


def _compile(pattern: str) -> list[str]:
    """Return the pattern's characters; `_ANY` and `_ONE` by themselves, others doubled."""
    found: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            character = next(characters, "")
            found.append(character * 2)
        elif character in "*?":
            found.append(character)
        else:
            found.append(character * 2)
    return found


def _fits(name: str, pattern: list[str]) -> bool:
    """Match with at most one way back: to the last ``*``."""
    at = index = 0
    star, mark = -1, 0
    while at < len(name):
        want = pattern[index] if index < len(pattern) else ""
        if want == _ANY:
            star, mark = index, at
            index += 1
        elif want == _ONE or want == name[at] * 2:
            index += 1
            at += 1
        elif star >= 0:
            mark += 1
            at, index = mark, star + 1
        else:
            return False
    return all(want == _ANY for want in pattern[index:])
