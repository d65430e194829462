"""Who may start what: superusers, passwords, and the entries they protect.

Source: GRUB's normal/auth.c, commands/password.c and password_pbkdf2.c. Where
`superusers` is set, even to nothing, every entry that is not ``--unrestricted`` asks for
one of them or of its own users; what stands in a submenu is behind the submenu's question.
"""

from __future__ import annotations

from kxsh.menus.grub2.environment import Environment
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, NONE, unsigned
from kxsh.menus.grub2.state import Item
from kxsh.record import record

_PASSWORDS = 256
_HASH = "grub.pbkdf2.sha512."
_SEPARATORS = str.maketrans(dict.fromkeys(",;|&", " "))


@record
class Guard:
    """Whether a password is asked for, and the users, beside superusers, whose it may be."""

    asks: bool = False
    users: tuple[str, ...] = ()

    def inside(self, environment: Environment, item: Item) -> Guard:
        """Return the guard of an item in the menu behind this one.

        `environment` is the menu's: what the item's own body sets comes too late.
        """
        if item.users is None or environment.get("superusers") is None:
            return self
        users = names(item.users)
        if self.asks:  # both questions have to be answered
            users = tuple(name for name in users if name in self.users)
        return Guard(asks=True, users=users)


OPEN = Guard()


def names(text: str) -> tuple[str, ...]:
    """Return the users of a list (grub_strword)."""
    return tuple(dict.fromkeys(text.translate(_SEPARATORS).split()))


def set_password(script: Interpreter, words: list[str]) -> int:
    """Run ``password USER TEXT``."""
    if len(words) != 2:
        return script.fail(BAD_ARGUMENT, "password needs a user and a password")
    return _keep(script, words[0], words[1])


def set_hash(script: Interpreter, words: list[str]) -> int:
    """Run ``password_pbkdf2 USER HASH``."""
    if len(words) != 2:
        return script.fail(BAD_ARGUMENT, "password_pbkdf2 needs a user and a hash")
    name, text = words
    rounds, rest, error = unsigned(text.removeprefix(_HASH), 10)
    salt, dot, hashed = rest.removeprefix(".").partition(".")
    if not (text.startswith(_HASH) and rest.startswith(".") and dot and rounds) or error:
        return script.fail(BAD_ARGUMENT, "password_pbkdf2: that is no hash of a password")
    if not (_is_hexadecimal(salt) and _is_hexadecimal(hashed)):
        return script.fail(BAD_ARGUMENT, "password_pbkdf2: the hash is damaged")
    return _keep(script, name, text)


def _is_hexadecimal(text: str) -> bool:
    return len(text) % 2 == 0 and not text.strip("0123456789abcdefABCDEF")


def _keep(script: Interpreter, name: str, secret: str) -> int:
    if len(script.passwords) < _PASSWORDS or name in script.passwords:
        script.passwords[name] = secret
    else:
        script.complain("too many users with a password")
    return NONE
