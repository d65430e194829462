"""A reader of the kernel's newc archives, to look into what the loader carries."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.image.cpio import Member


def unpack(archive: bytes) -> Iterator[Member]:
    """Yield the members of an archive up to its trailer."""
    offset = 0
    while True:
        assert archive[offset : offset + 6] == b"070701", f"no member at {offset}"
        fields = [int(archive[offset + 6 + 8 * n : offset + 14 + 8 * n], 16) for n in range(13)]
        start = offset + 110
        name = archive[start : start + fields[11] - 1].decode()
        if name == "TRAILER!!!":
            return
        data = _round(start + fields[11])
        content = archive[data : data + fields[6]]
        yield Member(name, fields[1], content, (fields[9], fields[10]))
        offset = _round(data + fields[6])


def _round(offset: int) -> int:
    return -(-offset // 4) * 4
