"""Kernel command lines word by word: keys, and values that cannot work."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kxsh.boot.cmdline import Word
from kxsh.boot.parameters import GET_OPTIONS, is_known, names_like, same
from kxsh.checker.cmdline import HOLE, Line
from kxsh.checker.devices import UNSTABLE, check_tag_value
from kxsh.text import display
from kxsh.values import TAGS, misspelt_tag, split_spec

# What get_options (lib/cmdline.c) stores for a driver of the old kind.
_MOST_NUMBERS = 10
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)$")
_SECRET = re.compile(
    r"(?:^|[._/-])(?:pass|passwd|password|password-again|passphrase|secret|psk|vncpassword"
    r"|sshpassword|rootpass|ssh_pass)$",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"(?:://|iscsi:|cifs:)[^/@\s:]+:[^/@\s]+@")
_NO_SECRET = frozenset(("", "no", "yes", "0", "1", "true", "false", "none", "ask", "*"))
# Keys whose value is a device.
_DEVICE_KEYS = frozenset(
    "root resume rootfs real_root crypt_root cryptdevice boot findfs persistence-media".split()
)
# A slip of the fingers in a shorter key would fit too many.
_SHORTEST = 5


def check_word(line: Line, word: Word) -> None:
    """Check one word before `--`: KX402, KX404, KX410, KX412, KX414, KX417, and devices."""
    value = word.value
    if HOLE in word.key:
        return
    if word.key == "vga" and value not in (None, "current"):
        line.report(
            "KX404",
            "`vga=` does nothing: the BIOS boot loader would have set that mode",
            line.raw(word),
            "after EFI and kexec the screen keeps its mode; `video=` asks a driver for another",
            fix=line.removal(word),
        )
    elif word.key == "BOOT_IMAGE":
        line.report(
            "KX410",
            "`BOOT_IMAGE=` is what another boot loader wrote down about itself",
            line.raw(word),
            "it was copied from /proc/cmdline; nothing needs it",
            fix=line.removal(word),
        )
    elif word.key in GET_OPTIONS and value is not None:
        _check_numbers(line, word, value)
    _check_secret(line, word, value or "")
    if same(word.key) in _DEVICE_KEYS and value:
        _check_device(line, word, value)
    if is_known(word.key):
        from kxsh.checker.cmdline_values import check_value

        check_value(line, word)
    else:
        _check_key(line, word)


def _check_numbers(line: Line, word: Word, value: str) -> None:
    count = 0
    for number in value.split(","):
        if not _NUMBER.match(number):
            break
        count += 1
    if count > _MOST_NUMBERS:
        line.report(
            "KX402",
            f"`{word.key}=` has {count} numbers, and the kernel keeps {_MOST_NUMBERS} of them",
            line.raw(word),
            f"write `{word.key}=` a second time for the rest, if its driver takes that",
        )


def _check_secret(line: Line, word: Word, value: str) -> None:
    secret = _SECRET.search(word.key) and value.lower() not in _NO_SECRET
    if (secret and not value.startswith("/")) or _CREDENTIALS.search(value):
        line.report(
            "KX414",
            "everybody on the target can read this secret in /proc/cmdline",
            line.raw(word) if HOLE not in line.raw(word) else word.key,
            "let the target read it from a file, or ask for it",
        )


def _check_device(line: Line, word: Word, value: str) -> None:
    if HOLE in value:
        return
    misspelt = misspelt_tag(value)
    if misspelt is not None:
        line.report(
            "KX604",
            f"`{misspelt[0]}` is no tag",
            misspelt[0],
            f"did you mean `{misspelt[1]}`? the tags: {', '.join(TAGS[:-1])}",
        )
    tag = split_spec(value)
    if tag is not None:
        check_tag_value(line.call, line.text, *tag, fstype=line.get("rootfstype") or "")
    unstable = UNSTABLE.match(value)
    if unstable is not None and word.key in ("root", "resume"):
        line.report(
            "KX601",
            f"{value} is another disk when the target meets its disks in another order",
            value,
            "name it by PARTUUID=, or, with an initrd, by UUID= or LABEL=",
        )


def _check_key(line: Line, word: Word) -> None:
    """KX412: a key that nothing is known to read, one slip away from one that is."""
    key = word.key
    if len(key) < _SHORTEST or "." in key or key != key.lower() or not key.isascii():
        return
    near = slip(same(key), names_like(key))
    if near is not None:
        line.report(
            "KX412",
            f"there is no kernel parameter `{display(key)}`: init gets it, and ignores it",
            key if HOLE in line.raw(word) else line.raw(word),
            f"did you mean `{near}`?",
        )


def slip(key: str, known: Iterable[str]) -> str | None:
    """Return the name that a key is one slip away from: a letter too much, too few or
    another, or two letters swapped."""
    for name in known:
        if len(name) >= _SHORTEST and abs(len(name) - len(key)) < 2 and is_slip(key, same(name)):
            return name
    return None


def is_slip(a: str, b: str) -> bool:
    """Tell whether one slip of the fingers is between two different words."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
        return swapped or rest_a[1:] == rest_b[1:]
    return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]
