"""Lines and words as GRUB legacy's own parser cuts them (stage2/cmdline.c, stage2.c)."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.menus import limits

# What GRUB 0.97 and its usual patches know; other words make a line that is skipped.
COMMANDS = frozenset(
    (
        "background blocklist boot bootp cat chainloader clear cmp color configfile debug "
        "default device dhcp displayapm displaymem embed fallback find findiso foreground "
        "fstest geometry gfxmenu halt help hiddenmenu hide ifconfig impsprobe initrd install "
        "ioprobe iso kernel kernel$ lock makeactive map md5crypt modulenounzip module module$ "
        "multiboot_module parttype partnew password pause print pxe quiet rarp read reboot root "
        "rootnoverify savedefault serial setkey setup shade silent splash splashimage terminal "
        "terminfo testload testvbe tftpserver timeout title unhide uppermem uuid vbeprobe verbose "
        "viewport"
    ).split()
)
# GRUB4DOS's, which are told apart by them.
GRUB4DOS = frozenset(
    "set goto call errorcheck graphicsmode write dd echo command iftitle commandline".split()
)


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line) of what is neither empty nor a comment.

    Tabs are blanks, leading blanks go, carriage returns vanish, ``#`` counts at a line's
    beginning only, a backslash before a line's end joins it with the next one. What is
    longer than `limits.LINE` is cut, as GRUB cuts what its buffer does not hold.
    """
    held, first = "", 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw[: limits.LINE].replace("\r", "").replace("\t", " ")
        if held:
            line = (held + line)[: limits.LINE]
        else:
            line = line.lstrip(" ")
            first = number
            if line.startswith("#"):
                continue
        if line.endswith("\\") and len(line) < limits.LINE:
            # The backslash is overwritten by a blank, the line's end is another.
            held = line[:-1] + " "
            continue
        held = ""
        if line:
            yield first, line
    if held.strip():
        yield first, held


def cut(line: str) -> tuple[str, str]:
    """Return a line's command and its argument; ``=`` may stand between them."""
    end = next((at for at, c in enumerate(line) if c in " ="), len(line))
    return line[:end], line[end:].lstrip(" =")


def number(text: str) -> int | None:
    """Return the number that `text` begins with, hexadecimal after ``0x`` (stage2/char_io.c,
    safe_parse_maxint); None without one, or with more than nine digits."""
    digits, base = ("0123456789abcdef", 16) if text[:2].lower() == "0x" else ("0123456789", 10)
    text = text[2 if base == 16 else 0 :][:10].lower()
    length = next((at for at, c in enumerate(text) if c not in digits), len(text))
    return int(text[:length], base) if 0 < length < 10 else None


def first_word(text: str) -> tuple[str, str]:
    """Return the first word and the rest without its leading blanks."""
    word, _, rest = text.partition(" ")
    return word, rest.lstrip(" ")
