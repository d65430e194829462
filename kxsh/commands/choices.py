"""Menus that a script makes: menu, entry."""

from __future__ import annotations

from kxsh.boot.entry import Entry
from kxsh.commands.context import Choice, Context, MenuItem
from kxsh.commands.registry import command
from kxsh.errors import Failure, FormatFailure, Interrupted, UsageError
from kxsh.signature import argument, flag, option, optional
from kxsh.usage import no_such_entry
from kxsh.values import ANY, DURATION, STR


@command(
    "menu",
    argument("title", STR, "the menu's title"),
    option("timeout", DURATION, "start the default after this long without a key"),
    option("default", ANY, "the id of the entry to start by itself; or an entry"),
    option("fallback", STR, "the id of the entry to try when the chosen one fails"),
    block="required",
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    effects=("block",),
    examples=(
        'menu "Rescue" --timeout 5s --default a {\n'
        '  entry a "First" { say "first" }\n  entry b "Second" { say "second" }\n}',
    ),
)
def menu(
    context: Context, title: str, *, timeout: float | None, default: object, fallback: str | None
) -> None:
    """Let a person choose between the `entry` commands of its block, and run the choice.

    Without a key the default starts after `--timeout`; any key stops the countdown for
    good. When the chosen entry fails, its error is shown, and the fallback runs; without
    one, the menu comes back, but a default that may have started by itself fails the menu.
    """
    items = {item.choice.id: item for item in context.collect_menu()}
    if not items:
        raise UsageError("this menu has no entries", code="KX203", hint="entry ID TITLE { ... }")
    if all(item.choice.fault for item in items.values()):
        raise FormatFailure("nothing in this menu can be started")
    wanted = _default(items, default)
    _check_id(items, fallback, "fallback")
    choices = [item.choice for item in items.values()]
    while True:
        chosen = context.console.choose(title, choices, wanted, timeout if wanted else None)
        free = chosen == wanted or items[chosen].choice.free
        if not context.console.allows("boot", free=free):
            timeout = timeout if chosen == wanted else None
            context.machine.sleep(1)  # nobody may be there: no endless loop without a pause
            continue
        error = _run(items[chosen])
        if error is None:
            return
        if fallback is None and timeout is not None and chosen == wanted:
            # Nobody may be there: the script's policy decides, not a menu that waits.
            raise error
        context.report(error)
        if fallback is not None and fallback != chosen:
            error = _run(items[fallback])
            if error is None:
                return
            context.report(error)
        fallback = timeout = None


def _run(item: MenuItem) -> Failure | None:
    """Run an entry; return the failure that it ended with."""
    try:
        item.run()
    except Interrupted:
        raise
    except Failure as error:
        return error
    return None


def _default(items: dict[str, MenuItem], default: object) -> str:
    if default is None:
        return next((key for key, item in items.items() if not item.choice.fault), "")
    name = default.id if isinstance(default, Entry) else str(default)
    _check_id(items, name, "default")
    return name


def _check_id(items: dict[str, MenuItem], name: str | None, what: str) -> None:
    if name is not None and name not in items:
        raise no_such_entry(what, name, items)


@command(
    "entry",
    argument("id", STR, "a short name, unique in the menu"),
    optional("title", STR, "what the menu shows; left out: the id"),
    option("key", STR, "a hot key, one character", ""),
    option("unless", STR, "why it cannot be chosen; empty: it can", ""),
    option("under", STR, "a heading that it stands under, with others next to it", ""),
    flag("unrestricted", "everybody may start it, whatever `lock` demands"),
    block="required",
    examples=('menu "M" --timeout 1s { entry a "First" { say "first" } }',),
)
def entry(
    context: Context,
    id: str,
    title: str | None,
    *,
    key: str,
    unless: str,
    under: str,
    unrestricted: bool,
) -> None:
    """Add an entry to the menu around it; its block runs when it is chosen."""
    if len(key) > 1:
        raise UsageError(f"a hot key is one character, not `{key}`", code="KX204")
    context.add_menu_item(
        MenuItem(Choice(id, title or id, key, unless, under, unrestricted), context.block_runner())
    )
