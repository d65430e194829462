"""Talking and ending: say, warn, fail, recovery, retry, sleep, reboot, poweroff, firmware,
next-boot, and a script's first lines: kxs, on-failure, lock."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.leaving import close_everything
from kxsh.commands.registry import command
from kxsh.errors import (
    FAILURES,
    Failure,
    Interrupted,
    NotFound,
    ScriptRecovery,
    UsageError,
)
from kxsh.signature import argument, option, optional, rest
from kxsh.text import display, duration
from kxsh.units import Duration
from kxsh.usage import lock_fault
from kxsh.values import DURATION, INT, MENU, NEVER, STR, TEXT

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

    from kxsh.boot.entry import Menu

# The edition of the language that this kxsh speaks.
EDITION = 1


@command(
    "kxs",
    argument("edition", INT, "the edition the script is written for"),
    examples=("kxs 1",),
)
def kxs(context: Context, edition: int) -> None:
    """Name the language's edition; the first line of a script.

    A kxsh that is older than the script refuses it with a clear message.
    """
    if edition != EDITION:
        raise wrong_edition(edition)


def wrong_edition(edition: int) -> UsageError:
    """Return the error for a script of an edition that this kxsh does not speak."""
    return UsageError(
        f"this script is for kxs edition {edition}; this kxsh speaks edition {EDITION}",
        code="KX012",
        hint="build a newer loader with `kximage loader`" if edition > EDITION else "kxs 1",
    )


@command(
    "on-failure",
    argument("action", STR, "what to do", choices=("recovery", "reboot", "poweroff")),
    optional("delay", DURATION, "how long to show the error first", Duration(30)),
    examples=("on-failure reboot 30s",),
)
def on_failure(context: Context, action: str, delay: float) -> None:
    """Set what happens when the script fails; among its first lines.

    A key pressed while the delay runs opens the recovery prompt instead.
    """
    context.set_policy(action, delay)


@command(
    "lock",
    argument("mode", STR, "who gets in", choices=("password", "off")),
    rest("hashes", STR, "hashes of passwords, each of which opens; `kximage password` makes one"),
    option("delay", DURATION, "how long a failure is shown before the restart", Duration(30)),
    option("menu", MENU, "the superusers of this menu open, where it has some"),
    examples=("lock off --delay 10s",),
)
def lock(context: Context, mode: str, *hashes: str, delay: float, menu: Menu | None) -> None:
    """Ask for a password, or let nobody in; among the script's first lines.

    Closed are the recovery prompt, the editing of entries, and all of a menu but its
    default and what is `--unrestricted`. With `off` nothing opens them; the machine
    restarts after a failure. A later line, or a script, can close more but never open;
    what the loader itself demands holds from the start. With `--menu` nobody gets in before
    the menu was read.
    """
    opens = mode == "password"
    if opens and menu is not None and not menu.guarded and not hashes:
        context.restrict("open", (), delay, None)
        return
    fault = lock_fault(hashes, given=bool(hashes or menu)) if opens else None
    context.restrict("off" if fault else mode, hashes, delay, menu if opens else None)
    if fault:
        raise fault


def _sentence(words: tuple[str, ...]) -> str:
    return "\n".join(display(line, 4000) for line in " ".join(words).split("\n"))


@command("say", rest("text", TEXT, "what to show"), examples=('say "hello" $esp',))
def say(context: Context, *text: str) -> None:
    """Show a line of text."""
    context.console.say(_sentence(text))


@command("warn", rest("text", TEXT, "what to show"), examples=('warn "disk is old"',))
def warn(context: Context, *text: str) -> None:
    """Show a warning and go on."""
    context.console.warn(_sentence(text))


@command(
    "fail",
    rest("text", TEXT, "what went wrong"),
    option(
        "class",
        STR,
        "the failure's class",
        "verify",
        choices=[kind for kind in FAILURES if kind != "interrupted"],
    ),
    returns=NEVER,
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    examples=('fail "no image" --class not-found else { say "handled" }',),
)
def fail(context: Context, *text: str, **options: str) -> NoReturn:
    """Stop with a failure, which `else` and `try` can handle like any other."""
    failure: type[Failure] = FAILURES[options["class"]]
    raise failure(_sentence(text) or "the script said fail")


@command(
    "recovery",
    rest("text", TEXT, "why"),
    returns=NEVER,
    effects=("never-returns",),
    examples=('if false { recovery "no kernel found" }',),
)
def recovery(context: Context, *text: str) -> NoReturn:
    """End the script and open the recovery prompt. Nothing handles this.

    In a menu's entry that a person chose, the script goes on with the menu afterwards.
    """
    raise ScriptRecovery(_sentence(text) or "the script asked for the recovery prompt")


@command(
    "retry",
    argument("times", INT, "how often at most"),
    option("wait", DURATION, "how long to pause between two tries", Duration(1)),
    block="required",
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    examples=("retry 3 --wait 2s {\n  modprobe usb-storage\n}",),
)
def retry(context: Context, times: int, *, wait: float) -> None:
    """Run the block again when it fails, up to `TIMES` times in all.

    The last failure is the command's own.
    """
    if times < 1:
        raise UsageError("`retry` needs at least 1 try", code="KX204")
    for attempt in range(1, times + 1):
        try:
            context.run_block()
            return
        except Interrupted:
            raise
        except Failure as error:
            if attempt == times:
                raise
            message = display(error.message)
            context.console.warn(f"try {attempt} of {times} failed: {message}")
            context.machine.sleep(wait)


@command(
    "sleep",
    argument("time", DURATION, "how long"),
    effects=("block",),
    examples=("sleep 200ms",),
)
def sleep(context: Context, time: float) -> None:
    """Do nothing for a while. To wait for a device, use `wait` or `findfs --wait`."""
    context.machine.sleep(time)


def _leave(context: Context, doing: str, what: str, delay: float = 0) -> None:
    """Close everything, whatever hangs: the machine's end is the way out of that."""
    if delay:
        context.console.say(f"{doing} in {duration(delay)} (Ctrl-C stops it)")
        context.machine.sleep(delay)
    context.console.say(f"{doing} {what}")
    hung = close_everything(context)
    if hung:
        context.console.warn(f"{hung} does not end: {doing} without it")


@command(
    "reboot",
    optional("delay", DURATION, "how long to wait first", Duration(0)),
    returns=NEVER,
    effects=("never-returns",),
    examples=("reboot 5s",),
)
def reboot(context: Context, delay: float) -> NoReturn:
    """Close everything and restart the machine.

    A disk that takes nothing for ten seconds is named, and left as it is.
    """
    _leave(context, "restarting", "the machine", delay)
    context.machine.reboot()


@command(
    "poweroff",
    optional("delay", DURATION, "how long to wait first", Duration(0)),
    returns=NEVER,
    effects=("never-returns",),
    examples=('say "the image is written"\npoweroff',),
)
def poweroff(context: Context, delay: float) -> NoReturn:
    """Close everything and switch the machine off; a disk that hangs is left, as by `reboot`."""
    _leave(context, "switching off", "the machine", delay)
    context.machine.poweroff()


@command(
    "firmware",
    returns=NEVER,
    raises=("denied", "io", "not-found"),
    effects=("never-returns",),
    examples=(
        'menu "Now what?" --default on --timeout 10s {\n'
        '  entry on "Go on" { say "going on" }\n'
        '  entry setup "Set-up screen: Secure Boot, boot order" { firmware }\n}',
    ),
)
def firmware(context: Context) -> NoReturn:
    """Restart into the firmware's set-up screen, where the firmware can do that."""
    _leave(context, "restarting", "into the firmware's set-up screen")
    context.machine.reboot(firmware=True)


@command(
    "next-boot",
    optional("entry", STR, "its number or title, as the firmware has it; left out: show all"),
    raises=("denied", "io", "not-found"),
    effects=("writes",),
    examples=("next-boot", 'next-boot "Windows Boot Manager" else { next-boot 0001 }'),
)
def next_boot(context: Context, entry: str | None) -> None:
    """Have the firmware start another boot entry of its own, once, at the next start.

    Such an entry is what the firmware's own menu lists: a disk, the network, another
    system's loader. Afterwards its usual order holds again. Nothing restarts: see `reboot`.
    """
    known = context.machine.firmware_entries()
    if entry is None:
        for one in known:
            notes = ["started this machine"] * one.current + ["is next"] * one.following
            about = f" ({', '.join(notes)})" if notes else ""
            context.console.say(f"{one} {display(one.title)}{about}")
        return
    found = [one for one in known if str(one) == entry.upper().zfill(4)]
    found = found or [one for one in known if one.title.casefold() == entry.casefold()]
    if not found:
        names = ", ".join(f"{one} {display(one.title)}" for one in known)
        raise NotFound(f"the firmware has no boot entry `{entry}`", hint=f"it has: {names}")
    context.machine.set_next_boot(found[0].number)
    context.console.say(f"the firmware starts {found[0]} {display(found[0].title)} next")
