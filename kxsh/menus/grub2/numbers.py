"""GRUB's numbers and error numbers."""

from __future__ import annotations

# include/grub/err.h: what a command returns, and so what `$?` shows.
NONE = 0
TEST_FAILURE = 1
BAD_FILE_TYPE = 4
FILE_NOT_FOUND = 5
UNKNOWN_FS = 8
BAD_NUMBER = 10
OUT_OF_RANGE = 11
UNKNOWN_DEVICE = 12
INVALID_COMMAND = 17
BAD_ARGUMENT = 18
MENU = 27
IO = 29

BLANKS = " \t\r\n"
_LARGEST = 2**64 - 1
_DIGITS = {
    character: value for value, character in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")
}


def unsigned(text: str, base: int = 0) -> tuple[int, str, int]:
    """Return (value, what follows it, error) as grub_strtoull does.

    Base 0 takes it from the prefix: ``0x`` is 16, ``0`` before an octal digit is 8.
    Without any digit the error is `BAD_NUMBER`; a value that does not fit in 64 bits
    is the largest, with `OUT_OF_RANGE`.
    """
    text = text.lstrip(BLANKS)
    if text[:1] == "0":
        if text[1:2] == "x":
            if base in (0, 16):
                base, text = 16, text[2:]
        elif base == 0 and "0" <= text[1:2] <= "7":
            base = 8
    base = base or 10
    value, index = 0, 0
    for index, character in enumerate(text):
        digit = _DIGITS.get(character.lower(), 99)
        if digit >= base:
            break
        value = value * base + digit
        if value > _LARGEST:
            return _LARGEST, text[index:], OUT_OF_RANGE
    else:
        index = len(text)
    return (value, text[index:], NONE) if index else (0, text, BAD_NUMBER)


def signed(text: str) -> int:
    """Return a number with an optional minus, as a C int, for `test`."""
    value = -unsigned(text[1:])[0] if text[:1] == "-" else unsigned(text)[0]
    value &= 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value
