"""The environment block, a file of fixed size (grub-core/lib/envblk.c)."""

from __future__ import annotations

SIGNATURE = b"# GRUB Environment Block\n"


def is_block(data: bytes) -> bool:
    """Tell whether `data` is an environment block."""
    return len(data) > len(SIGNATURE) and data.startswith(SIGNATURE)


def variables(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the names and values of a block, in order."""
    found: list[tuple[bytes, bytes]] = []
    at = len(SIGNATURE)
    while at < len(data):
        if data[at : at + 1] != b"#":
            mark = data.find(b"=", at)
            end = _line_end(data, mark + 1)
            if mark < 0 or end >= len(data):
                break
            found.append((data[at:mark], _unescape(data[mark + 1 : end])))
            at = end
        at = _line_end(data, at) + 1
    return found


def with_variable(data: bytes, name: bytes, value: bytes) -> bytes | None:
    """Return the block with `name` set, of the same size; None where it does not fit."""
    value = value.replace(b"\\", b"\\\\").replace(b"\n", b"\\\n")
    used = data.rstrip(b"#")
    if not used.endswith(b"\n"):
        return None
    space = len(data) - len(used)
    at = _find(used, name, len(used))
    if at < 0:
        line = name + b"=" + value + b"\n"
        return used + line + b"#" * (space - len(line)) if len(line) <= space else None
    begin = at + len(name) + 1
    end = _line_end(data, begin)
    if end >= len(data) or space < len(value) - (end - begin):
        return None
    changed = used[:begin] + value + used[end:]
    return changed + b"#" * (len(data) - len(changed))


def squeezed_variable(data: bytes, name: bytes, value: bytes) -> bytes | None:
    """Return a block without room, or with a damaged end, where `name` takes the place of
    its old line or of one that is no variable; None where neither is long enough.

    GRUB itself writes nothing to such a block. Petitboot does, and what it gets is read
    by GRUB as it should be.
    """
    line = name + b"=" + value.replace(b"\\", b"\\\\").replace(b"\n", b"\\\n")
    lines = data[len(SIGNATURE) :].split(b"\n")
    own = [number for number, old in enumerate(lines) if old.startswith(name + b"=")]
    idle = [n for n, old in enumerate(lines) if old and b"=" not in old and old[:1] != b"#"]
    for number in (own or idle)[:1]:
        spare = len(lines[number]) - len(line)
        if spare >= 0:
            changed = b"\n".join([*lines[:number], line, *lines[number + 1 :]])
            return SIGNATURE + changed + b"#" * spare
    return None


def without_variable(data: bytes, name: bytes) -> bytes:
    """Return the block without `name`, of the same size."""
    at = _find(data, name, len(data))
    if at < 0:
        return data
    end = _line_end(data, at + len(name) + 1)
    if end >= len(data):
        return data
    gone = end + 1 - at
    return data[:at] + data[end + 1 :] + b"#" * gone


def _find(data: bytes, name: bytes, limit: int) -> int:
    at = len(SIGNATURE)
    while at + len(name) + 1 < limit:
        if data.startswith(name + b"=", at):
            return at
        at = _line_end(data, at) + 1
    return -1


def _line_end(data: bytes, at: int) -> int:
    """Return where the line at `at` ends; a backslash protects the next byte."""
    while True:
        end = data.find(b"\n", at)
        if end < 0:
            return len(data)
        slash = data.find(b"\\", at, end)
        if slash < 0:
            return end
        at = slash + 2


def _unescape(value: bytes) -> bytes:
    if b"\\" not in value:
        return value
    found = bytearray()
    at = 0
    while at < len(value):
        at += value[at : at + 1] == b"\\"
        found += value[at : at + 1]
        at += 1
    return bytes(found)
