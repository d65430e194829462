"""loader.conf: which entry systemd-boot starts by itself, and when.

Source: loader.conf(5) of systemd 257, and the behaviour of systemd-boot.
"""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.menus.bls import snippet
from kxsh.menus.bls.patterns import matches
from kxsh.record import record

# They start at once; the menu only comes with a key held down.
_AT_ONCE = ("menu-hidden", "menu-disabled")
_TRUE = ("1", "yes", "y", "true", "t", "on")
_FALSE = ("0", "no", "n", "false", "f", "off")


@record
class LoaderConf:
    """What a loader.conf says. `defaults` are patterns of entries' file names, of which the
    first that fits one decides; `timeout` is seconds or None for ever; `others` are the
    further keys, which change nothing here. `used` are variables of the firmware that
    systemd-boot would delete, now that they have had their say."""

    defaults: tuple[str, ...] = ()
    timeout: float | None = 0.0
    auto_entries: bool = True
    others: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[int, str], ...] = ()
    used: tuple[str, ...] = ()


def parse(text: str) -> LoaderConf:
    """Return what a loader.conf says; a bad line is a problem and changes nothing."""
    default, auto = "", True
    timeout: float | None = 0.0
    others: list[tuple[str, str]] = []
    problems: list[tuple[int, str]] = []
    for line, key, value in snippet.pairs(text):
        if key == "default":
            if value.startswith("@") and value.lower() != "@saved":
                problems.append((line, f"default {value}: not a pattern that systemd-boot knows"))
            else:
                default = value
        elif key == "timeout":
            if value in _AT_ONCE or value == "menu-force" or _is_number(value):
                timeout = waiting(value, timeout)
            else:
                problems.append((line, f"timeout {value}: not a number of seconds"))
        elif key == "auto-entries":
            if value in _TRUE + _FALSE:
                auto = value in _TRUE
            else:
                problems.append((line, f"auto-entries {value}: neither yes nor no"))
        else:
            others.append((key, value))
    defaults = (default,) if default else ()
    return LoaderConf(defaults, timeout, auto, tuple(others), tuple(problems))


def waiting(value: str, otherwise: float | None) -> float | None:
    """Return the seconds that a timeout's value means, None for ever."""
    if value == "menu-force":
        return None
    if value in _AT_ONCE:
        return 0.0
    return float(value) if _is_number(value) else otherwise


def choose(pattern: str, ids: Sequence[str]) -> str:
    """Return the first id that the pattern names, without regard to case (empty: none).

    Older systemd-boot knew ids without ``.conf``, and many a file was written for that:
    where the pattern names nothing, it is tried so.
    """
    for wanted in (pattern.lower(), pattern.lower() + ".conf") if pattern else ():
        for name in ids:
            if matches(wanted, name.lower()):
                return name
    return ""


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 9 and text.isascii() and text.isdigit()
