"""Durations and sizes: the two kinds of number that carry a unit in kxs."""

from __future__ import annotations

from kxsh import text

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"KiB": text.KIB, "MiB": text.MIB, "GiB": text.GIB, "TiB": 1024 * text.GIB}


class Duration(float):
    """A span of time in seconds; shown as kxs writes it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "-" + text.duration(-self) if self < 0 else text.duration(self)

    def __repr__(self) -> str:
        return str(self)


class Size(int):
    """A number of bytes; shown in the largest unit that divides it."""

    __slots__ = ()

    def __str__(self) -> str:
        for name, unit in reversed(_BYTES.items()):
            if self and self % unit == 0:
                return f"{self // unit}{name}"
        return f"{int(self)}"

    def __repr__(self) -> str:
        return str(self)


SECOND = Duration(1)


def parse_quantity(word: str) -> Duration | Size | None:
    """Return the duration or size that `word` writes (``10s``, ``64MiB``), else None."""
    digits = word.rstrip("msihKMGTB")
    unit = word[len(digits) :]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        return None
    if unit in _SECONDS:
        return Duration(int(digits) * _SECONDS[unit])
    if unit in _BYTES:
        return Size(int(digits) * _BYTES[unit])
    return None


def parse_integer(word: str) -> int | None:
    """Return the integer that `word` writes (``7``, ``-7``, ``0x1f``), else None."""
    body = word.removeprefix("-")
    if len(body) > 20 or not body.isascii():
        return None
    if body.isdigit():
        return int(word)
    if body[:2] == "0x":
        try:
            return int(word, 16) if body[2:].isalnum() else None
        except ValueError:
            return None
    return None


def negated(number: object) -> object:
    """Return minus `number`, of the same kind; `TypeError` for what is not a number."""
    if isinstance(number, Duration):
        return Duration(-float(number))
    if isinstance(number, Size):
        return Size(-int(number))
    if isinstance(number, int) and not isinstance(number, bool):
        return -number
    raise TypeError("not a number")
