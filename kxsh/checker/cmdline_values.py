"""Values of kernel parameters that the kernel surely does not understand: KX417.

The kernel's documentation names choices and kinds (data/kernel-parameters.txt), though
not always all of them. Told is only what none of its readers takes: get_option, kstrtoint
and simple_strtoul want a digit first, kstrtobool looks at one or two letters, memparse
takes a number and a unit, bitmap_parselist wants both ends of a range.
"""

from __future__ import annotations

import re

from kxsh.boot.cmdline import Word
from kxsh.boot.parameters import parameter, same
from kxsh.checker.cmdline import HOLE, Line
from kxsh.text import display

# Numbers that the documentation only describes in words.
_NUMBERS = frozenset("panic loglevel maxcpus nr_cpus rootdelay ramdisk_size".split())
_SIZES = frozenset("mem log_buf_len hugepagesz default_hugepagesz".split())
_CPUS = frozenset("isolcpus nohz_full rcu_nocbs irqaffinity".split())
# Switches of which the kernel takes a number only.
_SWITCHES = frozenset("selinux enforcing apparmor".split())
_CHOICES = {"mitigations": ("off", "auto")}

_NUMBER = re.compile(r"[+-]?\d")
_SIZE = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:[kmgtpe](?:i?b)?)?(?:[@,].*)?", re.IGNORECASE)
_BOOL = re.compile(r"[ytnf01]|o[nf]", re.IGNORECASE)
_OPEN_RANGE = re.compile(r"\d+-$")
# `mem=nopentium` is x86's.
_NO_SIZES = frozenset(("nopentium",))


def check_value(line: Line, word: Word) -> None:
    """Report a value that its parameter does not take."""
    value = word.value
    if not value or HOLE in value:
        return
    told = _fault(same(word.key), value)
    if told is not None:
        what, help = told
        line.report("KX417", f"`{display(word.key)}=` takes {what}", line.raw(word), help)


def _fault(key: str, value: str) -> tuple[str, str] | None:
    """Return what a parameter takes, and what to try, where a value is surely not that."""
    if key in _CPUS:
        odd = [part for part in value.split(",") if _OPEN_RANGE.match(part)]
        if not odd:
            return None
        return "ranges with both ends", f"`{display(odd[0])}` has one: write `{odd[0]}7`, or `N`"
    if key in _SWITCHES:
        return None if _NUMBER.match(value) else ("0 or 1", "write 1 for on, 0 for off")
    if key in _SIZES:
        fits = value in _NO_SIZES or _SIZE.fullmatch(value)
        return None if fits else ("a size", "a number with K, M or G, such as 512M")
    known = parameter(key)
    kind = known.kind if known is not None else ""
    if key in _NUMBERS or kind == "int":
        return None if _NUMBER.match(value) else ("a number", "the kernel ignores words here")
    if kind == "bool":
        return None if _BOOL.match(value) else ("yes or no", "write 1 or 0")
    choices = _CHOICES.get(key) or (known.values if known is not None else ())
    return _misspelt(choices, value)


def _misspelt(choices: tuple[str, ...], value: str) -> tuple[str, str] | None:
    """A slip of the fingers in one of several words; other words may be those of another
    version of the kernel, and some readers mind only how a word begins."""
    from kxsh.checker.cmdline_words import is_slip

    if any("..." in choice for choice in choices):
        return None
    for part in re.split("[,;]", value):
        if len(part) < 2 or part.startswith(tuple(filter(None, choices))):
            continue
        near = next((it for it in choices if len(it) > 2 and is_slip(part, it)), None)
        if near is not None and part.isalpha():
            return f"one of {', '.join(choices)}", f"did you mean `{near}`?"
    return None
