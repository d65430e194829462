"""Menus that a script makes: menu, entry."""

from __future__ import annotations

from kxsh.boot.entry import Entry
from kxsh.boot.installer import installer
from kxsh.commands.boot import boot
from kxsh.commands.context import Choice, Chosen, Context, Kept, MenuItem, Offer
from kxsh.commands.registry import command
from kxsh.commands.unasked import Unasked
from kxsh.errors import (
    Denied,
    Failure,
    FormatFailure,
    Interrupted,
    NotFound,
    ScriptRecovery,
    TimedOut,
    UsageError,
)
from kxsh.machine.gone import MOUNT_AGAIN, PLUG_IN
from kxsh.signature import argument, flag, option, optional
from kxsh.text import display
from kxsh.usage import no_such_entry
from kxsh.values import ANY, BOOL, DURATION, ENTRY, STR


@command(
    "menu",
    argument("title", STR, "the menu's title"),
    option("timeout", DURATION, "start the default after this long without a key"),
    option("default", ANY, "the id of the entry to start by itself; or an entry"),
    option("fallback", STR, "the id of the entry to try when the chosen one fails"),
    flag("live", "run the block again when disks come or go, and show what it gives then"),
    block="required",
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    effects=("block",),
    examples=(
        'menu "Rescue" --timeout 5s --default a {\n'
        '  entry a "First" { say "first" }\n  entry b "Second" { say "second" }\n}',
    ),
)
def menu(
    context: Context,
    title: str,
    *,
    timeout: float | None,
    default: object,
    fallback: str | None,
    live: bool,
) -> None:
    """Let a person choose between the `entry` commands of its block, and run the choice.

    Without a key the default starts after `--timeout`; any key stops the countdown for
    good. Without `--default` that is the entry with `--default true`, else the first that can
    start, has no `--confirm` and does not look like an installer; where `lock` holds, only one
    on the loader's own disk, or of a block without `--boots`. When the chosen entry fails, its
    error is shown, and the fallback runs. Where that fails, too, or there is none, the menu comes
    back, but a default that started by itself fails the menu. Where a person chose an entry that
    asks for `recovery`, leaving the prompt comes back to the menu, too.
    """
    block = _Block(context, title, timeout, default, live=live)
    unasked = block.unasked
    if all(item.choice.fault for item in block.items.values()):
        raise FormatFailure("nothing in this menu can be started")
    _check_id(block.items, fallback, "fallback")
    while True:
        chosen, error = _choose(context, block.made)
        item = block.items[chosen.id] if chosen else None
        if chosen is not None and item is not None:
            error = _lost(context, item.choice, chosen, block.made, unasked)
            if error is not None:
                item = None  # it has not failed: it may be the fallback
            elif _allowed(context, item.choice, chosen, block.made, unasked):
                try:
                    error = _run(context, item, chosen)
                except ScriptRecovery as request:
                    if not (chosen.by_person and context.console.visit_prompt(request)):
                        raise
                    block.timeout = None
                    block.made = _again(block.made, "", chosen.kept)
                    continue
            else:
                block.made = _refused(context, block.made, item.choice, chosen)
                continue
        if error is not None:
            second = block.items.get(fallback or "")
            error = _fall_back(context, error, item, chosen, second, unasked)
        if error is None:
            return
        fallback = block.timeout = None
        block.made = _again(block.made, _told(context, error), chosen.kept if chosen else None)


class _Block:
    """A menu's block, and what it gave when it ran last: `items` by id, `made` of them;
    `unasked` is of the first time."""

    def __init__(
        self, context: Context, title: str, timeout: float | None, default: object, *, live: bool
    ) -> None:
        self._context = context
        self._title = title
        self.timeout = timeout
        self._default = default
        self._live = live
        found = self._run()
        self.unasked = Unasked(context)  # the block may have opened disks
        self._take(found, first=True)

    def renew(self) -> Offer:
        """Run the block again; where that fails, all stays as it was: it is still shown."""
        self._take(self._run(), first=False)
        return self.made

    def _run(self) -> dict[str, MenuItem]:
        found = {item.choice.id: item for item in self._context.collect_menu()}
        if not found:
            raise UsageError(
                "this menu has no entries", code="KX203", hint="entry ID TITLE { ... }"
            )
        return found

    def _take(self, items: dict[str, MenuItem], *, first: bool) -> None:
        wanted = _default(self._context, items, self._default, self.unasked, first=first)
        choices = [item.choice for item in items.values()]
        limit = self.timeout if wanted or not first else None
        renew = self.renew if self._live else None
        made = Offer(self._title, choices, wanted, limit, renew=renew)
        # Of a locked menu everybody may start the default; not one that a disk brought later.
        if first:
            self.unasked.hold(choices, wanted)
        made.free = self.unasked.among(choices)
        self.items, self.made = items, made


def _choose(context: Context, made: Offer) -> tuple[Chosen | None, Failure | None]:
    """Return the choice; else that the time is over and the default has gone."""
    try:
        return context.console.choose(made), None
    except TimedOut as error:
        return None, error


def _lost(
    context: Context, choice: Choice, chosen: Chosen, made: Offer, unasked: Unasked
) -> Failure | None:
    """Return why the default of a locked menu does not start by itself any more. No password
    is asked for: nobody may be there to give it."""
    if chosen.by_person:
        return None
    why = unasked.lost(choice)
    if not why and context.console.asks(choice.entry, free=made.frees(choice)):
        choice = unasked.default or choice  # this one is only next to it
        why = unasked.lost(choice)
    if not why:
        return None
    return NotFound(
        f"{why}: `{choice.title}` does not start by itself",
        hint="it does after a restart with its disk as it was; or choose it, with the password",
    )


def _refused(context: Context, made: Offer, choice: Choice, chosen: Chosen) -> Offer:
    """Return the menu to go on with where no password was given: one that waits. Where that
    has come to nothing either, or a failure leads to no person, the script's policy decides."""
    context.machine.sleep(1)
    if chosen.by_person:
        return _again(made, "", chosen.kept)
    why = Denied(f"`{choice.title}` needs a password, and nobody gave one")
    if made.timeout is None or not context.attended:
        raise why
    return _again(made, _told(context, why), None)


def _told(context: Context, error: Failure) -> str:
    hint = error.hint
    if context.console.locked:  # nobody may have the prompt, where `retry` is
        hint = hint.replace(MOUNT_AGAIN, f"{PLUG_IN}, or restart the machine")
    return f"{error.message}\n{hint}".strip()


def _fall_back(
    context: Context,
    error: Failure,
    item: MenuItem | None,
    chosen: Chosen | None,
    fallback: MenuItem | None,
    unasked: Unasked,
) -> Failure | None:
    """Run the fallback of what has failed (`item`; None: nothing was started); return what
    all of it ended with, or raise it where nobody may be there."""
    ended: Failure | None = error
    if fallback is not None and fallback is not item:
        context.report(error)
        ended = _run_fallback(context, error, fallback, unasked)
    if ended is not None:
        if not (chosen and chosen.by_person):
            # The script's policy decides, not a menu that waits.
            raise ended
        context.report(ended)
    return ended


def _run_fallback(
    context: Context, error: Failure, fallback: MenuItem, unasked: Unasked
) -> Failure | None:
    """Run the fallback after `error`; return what tells of both failures."""
    title = display(fallback.choice.title)
    # Not before: while the first one ran, a disk may have been exchanged.
    if why := unasked.lost(fallback.choice) or _unsure(fallback.choice, unasked):
        told = f"{error.message}; the fallback {title} was not started: {why}"
        return Denied(told, hint=error.hint)
    context.console.say(f"starting the fallback, since that failed: {title}")
    again = _run(context, fallback, Chosen(fallback.choice.id))
    if again is None:
        return None
    both = type(again)(
        f"{error.message}; then the fallback {title}: {again.message}",
        code=again.code,
        span=again.span,
        hint=again.hint or error.hint,
        errno=again.errno,
        log=[*error.log, *again.log],
        tried=again.tried,
    )
    both.command = again.command
    return both


def _unsure(choice: Choice, unasked: Unasked) -> str:
    """Return why an entry that wants to be asked for once more is no fallback: nobody is asked.
    It may be where it is the default: then the script has named it as that."""
    if not choice.confirm or (unasked.default and unasked.default.id == choice.id):
        return ""
    return "it has `--confirm`, and nobody is asked"


def _allowed(
    context: Context, choice: Choice, chosen: Chosen, made: Offer, unasked: Unasked
) -> bool:
    """Ask for the passwords that are due: the one place, for keys and for time alike."""
    console = context.console
    changed = chosen.entry is not None or bool(chosen.words)
    if changed and not console.allows("edit", choice.entry):
        return False
    if console.locked and not unasked.kept([choice]):
        return console.allows("boot", None, free=choice.free)
    return console.allows("boot", choice.entry, free=made.frees(choice))


def _again(made: Offer, failure: str, kept: Kept | None) -> Offer:
    """Return the same menu without a countdown, as the person left it."""
    return Offer(
        made.title,
        made.choices,
        made.default,
        None,
        failure=failure,
        renew=made.renew,
        kept=kept,
        free=made.free,
    )


def _run(context: Context, item: MenuItem, chosen: Chosen) -> Failure | None:
    """Run an entry, or the one that a person made of it; return the failure it ended with."""
    context.add_words(chosen.words)
    try:
        if chosen.entry is None:
            item.run()
        else:
            boot(context, chosen.entry)
    except Interrupted:
        raise
    except Failure as error:
        return error
    finally:
        context.add_words(())
    return None


def _default(
    context: Context,
    items: dict[str, MenuItem],
    default: object,
    unasked: Unasked,
    *,
    first: bool,
) -> str:
    """Return the default's id, empty where there is none; later than at `first` the one that
    the script names may be away with its disk."""
    if default is None:
        choices = [item.choice for item in items.values() if not item.choice.fault]
        marked = [choice for choice in choices if choice.default]
        calm = [one for one in choices if not (one.confirm or installer(one.entry))]
        wanted = marked or calm
        # Everybody may start a locked menu's default: not what just anybody has plugged in.
        found = unasked.own(wanted) if unasked.looks else next(iter(wanted), None)
        if wanted and found is None and first:
            context.console.warn(
                f"this menu is locked, and does not start {display(wanted[0].title)} by itself: it "
                "is not on the loader's own disk. `menu --default ID` in a script names a default"
            )
        return found.id if found else ""
    name = default.id if isinstance(default, Entry) else str(default)
    if not first and name not in items:
        return ""
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
    flag("confirm", "ask once more before it starts"),
    option("boots", ENTRY, "the boot entry that it starts: for the menu to show and edit"),
    option("default", BOOL, "start it by itself, where `menu` names no other", False),
    block="required",
    examples=(
        'menu "M" --timeout 1s { entry a "First" { say "first" } }',
        'menu "M" --timeout 1s {\n'
        '  entry a "First" { say "first" }\n  entry b "Wipe" --confirm { say "wiped" }\n}',
    ),
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
    confirm: bool,
    boots: Entry | None,
    default: bool,
) -> None:
    """Add an entry to the menu around it; its block runs when it is chosen.

    With `--boots` the menu knows its kernel, initrds and command line, in which submenu and
    under which hot key its own loader has it, and shows the plan. One that was edited there
    is booted as edited, without its block.

    One with `--confirm` starts when the question whether it should is answered with `y`. By
    itself it starts only as the menu's named default, and never as a fallback.
    """
    if len(key) > 1:
        raise UsageError(f"a hot key is one character, not `{key}`", code="KX204")
    choice = Choice(
        id, title or id, key, unless, under, unrestricted,
        entry=boots, default=default, confirm=confirm,
    )  # fmt: skip
    context.add_menu_item(MenuItem(choice, context.block_runner()))
