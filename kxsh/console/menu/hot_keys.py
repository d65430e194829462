"""Which key starts which entry of a menu at once, on the screen and during the countdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kxsh.commands.context import Choice

# The menu's own keys, which no menu of a disk can take for its hot keys.
OWN_KEYS = frozenset("ecgsmw/:?0123456789")


def hot_keys(choices: Sequence[Choice]) -> dict[str, Choice]:
    """Return what each key starts at once: the script's keys go before all others, the
    menu's own before those that menus on disks ask for, the first of those before others."""
    hot = {choice.key: choice for choice in choices if choice.key}
    for choice in choices:
        key = choice.entry.hotkey if choice.entry else ""
        if len(key) == 1 and key.isprintable() and key not in OWN_KEYS:
            hot.setdefault(key, choice)
    return hot


def key_of(choice: Choice, hot: Mapping[str, Choice]) -> str:
    """Return the key that starts a choice at once; empty: none does."""
    key = choice.key or (choice.entry.hotkey if choice.entry else "")
    return key if hot.get(key) is choice else ""
