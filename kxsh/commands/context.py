"""What a command's function is given: the machine, the terminal, its block's resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kxsh.boot.entry import Entry, Menu
from kxsh.boot.plan import Plan
from kxsh.errors import KxshError, RecoveryRequest
from kxsh.machine.protocol import Device, Machine, Mount, Resource

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Protocol

    from kxsh.commands.leaving import Closing
else:
    Protocol = object


class Choice:
    """One line of a menu on the screen: `key` is a hot key or empty, `fault` says why it
    cannot be chosen or is empty, `heading` groups it; `free`: no password is asked for.

    `entry` is the boot entry that it starts, where it starts one: its submenus, its own hot
    key, and what the menu can show and edit. `default`: the script prefers it; `confirm`: it
    wants to be asked once more.
    `identity` is unique in an offer, and stays the same when the menu is made again: ids may
    be mere numbers, and two lines may start one entry in two ways.
    """

    __slots__ = (
        "confirm", "default", "entry", "fault", "free", "heading", "id", "identity", "key", "title",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        title: str,
        key: str = "",
        fault: str = "",
        heading: str = "",
        free: bool = False,
        *,
        entry: Entry | None = None,
        default: bool = False,
        confirm: bool = False,
    ) -> None:
        self.id = id
        self.title = title
        self.key = key
        self.fault = fault
        self.heading = heading
        self.free = free
        self.entry = entry
        self.default = default
        self.confirm = confirm
        self.identity = f"{entry.source}\0{entry.id}" if entry else id

    @property
    def parents(self) -> tuple[str, ...]:
        """The submenus that it stands in, outermost first."""
        return self.entry.parents if self.entry else ()

    @property
    def leaf(self) -> str:
        """The title without the submenus, where it begins with them."""
        return self.title.removeprefix("".join(f"{parent} > " for parent in self.parents))


class Kept:
    """What a person made of a menu before a choice: its identity, the words that are added
    to every command line, the entries that were edited, by identity."""

    __slots__ = ("edited", "identity", "words")

    def __init__(self, identity: str, words: tuple[str, ...], edited: dict[str, Entry]) -> None:
        self.identity = identity
        self.words = words
        self.edited = edited


class Offer:
    """A menu to choose from: `default` is the id that starts after `timeout` seconds
    without a key (None: never), `failure` what the last choice ended with (empty: none), and
    in further lines what to try.

    `renew` returns the offer as it is now; None where it stays the same. `kept`: where a
    person goes on whose choice came back. `free`: the identity of the choice that everybody
    may start in a locked menu, whatever its own mark says (empty: none).
    """

    __slots__ = ("choices", "default", "failure", "free", "kept", "renew", "timeout", "title")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        default: str,
        timeout: float | None,
        *,
        failure: str = "",
        renew: Callable[[], Offer] | None = None,
        kept: Kept | None = None,
        free: str = "",
    ) -> None:
        self.title = title
        self.choices = choices
        seen: dict[str, int] = {}
        for choice in choices:
            name = choice.identity.partition("\0\0")[0]
            seen[name] = seen.get(name, 0) + 1
            choice.identity = f"{name}\0\0{seen[name]}"
        self.default = default
        self.timeout = timeout
        self.failure = failure
        self.renew = renew
        self.kept = kept
        self.free = free

    def frees(self, choice: Choice) -> bool:
        """Tell whether everybody may start a choice, whatever `lock` demands."""
        return choice.free or choice.identity == self.free


class Chosen:
    """What was chosen: a choice's id; `entry` is its entry as a person edited it (None: as
    it was), `words` are added to its command line; `by_person`: a key was pressed; `kept`: for
    the menu, should the choice come back."""

    __slots__ = ("by_person", "entry", "id", "kept", "words")

    def __init__(
        self,
        id: str,
        *,
        entry: Entry | None = None,
        words: Sequence[str] = (),
        by_person: bool = False,
        kept: Kept | None = None,
    ) -> None:
        self.id = id
        self.entry = entry
        self.words = tuple(words)
        self.by_person = by_person
        self.kept = kept


class Console(Protocol):
    """The person in front of the machine, or nobody."""

    @property
    def locked(self) -> bool:
        """Whether anything is kept from who has no password."""

    def choose(self, offer: Offer) -> Chosen:
        """Return what a person chose; the default when the time passes without a key.
        Ctrl-C is `Interrupted`."""

    def visit_prompt(self, request: RecoveryRequest) -> bool:
        """Open the recovery prompt as `request` asks, and return True when it was left; False
        where nobody can have one that comes back."""

    def ask_secret(self, question: str, timeout: float | None) -> str:
        """Return what a person types without showing it; `TimedOut`, `Interrupted`, or
        `IoFailure` where nobody can be asked."""

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        """Tell whether `action` (boot, edit, prompt...) may be done here, asking for a
        password where one is due. `free`: the menu lets everybody start this entry."""

    def asks(self, entry: Entry | None, *, free: bool = False) -> bool:
        """Tell whether starting an entry would take a password now, or is not allowed."""

    def restrict(
        self, mode: str, hashes: Iterable[str], delay: float, menu: Menu | None = None
    ) -> None:
        """Demand what the command `lock` says; it can close, never open. With `open` it only
        has run: its menu locks nothing."""

    def say(self, text: str) -> None:
        """Show a line (or lines) of text that came through `display` where untrusted."""

    def warn(self, text: str) -> None:
        """Show a line as a warning."""


class MenuItem:
    """An `entry` inside a `menu`: what runs when it is chosen."""

    __slots__ = ("choice", "run")

    def __init__(self, choice: Choice, run: Callable[[], None]) -> None:
        self.choice = choice
        self.run = run


class Context(Protocol):
    """One call of a command. The interpreter implements it."""

    machine: Machine
    console: Console
    # Whether a person types the commands one by one.
    interactive: bool

    @property
    def esp(self) -> Device | None:
        """The EFI system partition that the loader was started from, where it is known."""

    @property
    def loaded(self) -> Plan | None:
        """What the last `load` loaded."""

    def set_loaded(self, plan: Plan) -> None: ...

    @property
    def words(self) -> Sequence[str]:
        """What a person adds to the command line of whatever is loaded next."""

    def add_words(self, words: Sequence[str]) -> None:
        """Set `words`, until they are set again."""

    def find_device(self, spec: str, wait: float | None = None) -> Device:
        """Return the one device that `spec` names, waiting for it; `NotFound`."""

    def mount_unseen(self, spec: str) -> Mount:
        """Mount the device that `spec` names, read-only, until the block ends; a mount of
        it that is there already serves."""

    def own(self, resource: Resource) -> None:
        """Let the enclosing block close this at its end."""

    def close(self, resource: Resource) -> None:
        """Close this now; the block forgets it."""

    def close_all(self, closing: Callable[[Resource], None]) -> None:
        """Close everything that any block opened, newest first; failures become notes.
        `closing` is told of each before; what it raises ends this."""

    @property
    def closing(self) -> Closing | None:
        """The last closing of everything; it may still go on, where its disk hangs."""

    def set_closing(self, closing: Closing) -> None:
        """Set `closing`. While it goes on, the end of a block closes nothing."""

    def run_block(self) -> None:
        """Run the block that stands after the command."""

    def block_runner(self) -> Callable[[], None]:
        """Return a function that runs the block later, with the variables of now."""

    def add_menu_item(self, item: MenuItem) -> None:
        """Put an `entry` into the `menu` whose block is running; `UsageError` outside one."""

    def collect_menu(self) -> list[MenuItem]:
        """Run the block of a `menu` and return its entries."""

    def report(self, error: KxshError) -> None:
        """Show an error that was dealt with, and keep it for `why`."""

    @property
    def attended(self) -> bool:
        """Whether a failure leads to a person: at the prompt, or to the prompt."""

    def set_policy(self, action: str, delay: float) -> None:
        """Set what happens when the script fails: recovery, reboot or poweroff."""

    def restrict(self, mode: str, hashes: Sequence[str], delay: float, menu: Menu | None) -> None:
        """Demand what the command `lock` says, of the console."""
