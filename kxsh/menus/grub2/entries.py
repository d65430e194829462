"""`menuentry` and `submenu` (grub-core/commands/menuentry.c)."""

from __future__ import annotations

from kxsh.menus import limits
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, NONE
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.state import Item
from kxsh.menus.grub2.tree import Block
from kxsh.menus.grub2.world import Exhausted

_OPTIONS = Options("-:class= -:users= -:hotkey= -:source= -:id= -:unrestricted", dashes=True)
_VALUED = frozenset(("--class", "--users", "--hotkey", "--source"))


def _define(script: Interpreter, words: list[str], block: Block | None, submenu: bool) -> int:
    parsed = _OPTIONS.parse(words)
    if parsed is None:
        # GRUB has no such entry then. It would be lost here, so its menu says what is wrong.
        script.complain("menuentry: an option is wrong, GRUB itself would leave this entry out")
        parsed = _OPTIONS.parse([word for word in words if word not in _VALUED])
    if parsed is None:
        return BAD_ARGUMENT
    options, arguments = parsed
    body: Block | str | None = block
    if "source" in options:
        body = None if block else options["source"][-1]
    if body is None or not arguments:
        what = "a title" if body is not None else "a body"
        return script.fail(BAD_ARGUMENT, f"menuentry needs {what}")
    users: str | None = ""
    if "users" in options:
        users = options["users"][-1]
    elif "unrestricted" in options:
        users = None
    script.world.entries += 1
    if script.world.entries > limits.GRUB_ENTRIES:
        raise Exhausted(f"more than {limits.GRUB_ENTRIES} menu entries")
    title = arguments[0]
    script.items.append(
        Item(
            title,
            options.get("id", [title])[-1],
            body,
            tuple(arguments),
            script.file,
            script.line,
            submenu,
            users,
            options.get("hotkey", [""])[-1],
            tuple(options.get("class", ())),
            tuple(script.arguments or ()),
        )
    )
    return NONE


def _menuentry(script: Interpreter, words: list[str], block: Block | None) -> int:
    return _define(script, words, block, submenu=False)


def _submenu(script: Interpreter, words: list[str], block: Block | None) -> int:
    return _define(script, words, block, submenu=True)


def _blscfg(script: Interpreter, words: list[str], _: Block | None) -> int:
    from kxsh.menus.grub2.blscfg import add_entries

    return add_entries(script, words)


BUILTINS = {
    "menuentry": _menuentry,
    "submenu": _submenu,
    "blscfg": _blscfg,
    "bls_import": _blscfg,
}
