"""The menu with a person before it: what each request of the keys leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from kxsh.boot.entry import Entry
from kxsh.boot.installer import installer
from kxsh.boot.plan import PLAN_COLUMN
from kxsh.commands.context import Choice, Chosen, Offer
from kxsh.console.interrupts import abandon
from kxsh.console.menu.controller import NOTHING, OVER, Controller
from kxsh.console.menu.countdown import nobody_chose, not_made_again
from kxsh.console.menu.desk import NO_FAILURE, Desk, said
from kxsh.console.menu.model import Model
from kxsh.console.menu.page import Action, Item, Page
from kxsh.console.menu.watcher import Watcher
from kxsh.errors import Failure, Interrupted, KxshError, internal_fault
from kxsh.machine.gone import with_names
from kxsh.record import replace
from kxsh.text import cut

if TYPE_CHECKING:
    from kxsh.console.keys import Unechoed
    from kxsh.console.terminal import Terminal

# How long a key waits for disks that are being read before the screen comes back, in seconds.
_PATIENCE = 1.5
# What can be done though a disk hangs.
_WITHOUT_DISKS = ("machine", "why", "leave")
_WAYS_OUT = (
    Item("r", "Restart the machine", Action("leave", text="reboot")),
    Item("o", "Switch the machine off", Action("leave", text="poweroff")),
    Item("f", "Restart into the firmware's set-up", Action("leave", text="firmware")),
    Item("n", "What the firmware starts next time", Action("firmware")),
)


class Face(Protocol):
    """What shows a controller's list and pages, and takes keys: a full screen, or lines."""

    def begin(self, key: str) -> Action | None:
        """Act on the key that stopped the countdown."""

    def run(self, started: Callable[[], None] | None = None) -> Action:
        """Show it until a key asks for something outside of it; see `Action`."""

    def call(self, work: Callable[[], None]) -> None:
        """Do something between two keys, asked for by another thread."""


class Dialogs:
    """One menu until something is chosen; `offer` is the one that is shown."""

    def __init__(
        self,
        terminal: Terminal,
        offer: Offer,
        mode: Unechoed,
        face: Callable[[Terminal, Controller], Face],
    ) -> None:
        self._terminal = terminal
        self._mode = mode
        self.offer = offer
        self._model = Model(offer)
        self._model.needs = lambda choice: terminal.access.before_start(
            choice.entry, free=self.offer.frees(choice)
        )
        self._model.spoken = self._spoken
        self._controller = Controller(self._model)
        self._face = face(terminal, self._controller)
        interpreter = terminal.interpreter
        self._desk = Desk(interpreter, terminal) if interpreter is not None else None
        self._news: list[Offer | Exception] = []
        self._watcher: Watcher | None = None
        if interpreter is not None and offer.renew is not None:
            self._watcher = Watcher(interpreter.machine, offer.renew, self._changed)

    def run(self, key: str) -> Chosen:
        """Begin with the key that stopped the countdown (empty: none); return the choice.

        Raises `Interrupted` for Ctrl-C.
        """
        action = self._face.begin(key) if key else None
        if self._model.note == NOTHING:
            self._model.note = OVER
        while True:
            if action is None:
                action = self._shown_until()
            meant = action.choice
            now = self._model.choice_of(meant.identity) if meant else None
            if meant is not None and now is None:
                self._model.note = "that entry is gone with its disk"
            elif meant is not None and now is not None and now.entry != meant.entry:
                self._model.note = "that entry changed with the disks: look at it again"
            elif (chosen := self._tried(replace(action, choice=now))) is not None:
                return chosen
            action = None

    def _tried(self, action: Action) -> Chosen | None:
        """Do what was asked for; a fault in that costs neither the menu nor its screen."""
        try:
            return self._perform(action)
        except KxshError:
            raise
        except Exception as error:
            fault = internal_fault(error)
            if self._desk is not None:
                self._desk.remember(fault)
            self._failed(said(fault))
            return None

    def _shown_until(self) -> Action:
        """Show the screen until a key asks for something outside of it that can be done now.
        Only meanwhile the watcher uses the machine, and what a script says then is not seen."""
        watcher = self._watcher
        if watcher is None:
            return self._face.run()
        leaving = False
        while True:
            pressed: Action | None = None
            self._terminal.muted = True
            try:
                action = pressed = self._face.run(lambda: self._begin(watcher))
                idle = watcher.stop(None if action.name == "eof" else _PATIENCE)
            except KeyboardInterrupt:  # between two screens Ctrl-C is a signal
                leaving = leaving or (pressed is not None and pressed.name == "stop")
                action, idle = Action("stop"), watcher.stop(0)
            except Exception:
                watcher.stop(None)  # what comes instead of the screen uses the machine, too
                raise
            finally:
                self._terminal.muted = False
                self._take_news()
            if idle or action.name in _WITHOUT_DISKS:
                return action
            if action.name == "stop" and leaving:
                with self._mode.lifted():
                    abandon()
            leaving = action.name == "stop"
            self._model.note = (
                "disks are being read: press it again; Ctrl-C twice: kxsh starts anew"
            )

    def _begin(self, watcher: Watcher) -> None:
        """Look for changes, now that there is a screen; and show what came before it."""
        watcher.start()
        self._take_news()

    # -- the disks change

    def _changed(self, news: Offer | Exception) -> None:
        """Take what the watcher found, on its thread."""
        self._news.append(news)
        self._face.call(self._take_news)

    def _take_news(self) -> None:
        """Show what the watcher found, oldest first."""
        while self._news:
            news = self._news.pop(0)
            if isinstance(news, Offer):
                self.offer = news
                self._model.renew(news)
            else:
                self._model.note = not_made_again(news)

    def _perform(self, action: Action) -> Chosen | None:
        """Do what was asked for; return the choice when that is made."""
        choice = action.choice
        if action.name == "stop":
            raise Interrupted("the menu was left with Ctrl-C")
        if action.name == "eof":
            return self._nobody()
        if action.name in ("start", "sure") and choice is not None:
            return self._start(choice, action.text, sure=action.name == "sure")
        if action.name == "edit" and choice is not None:
            self._edit(choice)
        elif action.name == "plan" and choice is not None:
            self._plan(choice)
        elif action.name == "why":
            self._why()
        elif self._desk is None:
            self._model.note = "this menu has no machine to do it with"
        elif action.name == "prompt":
            if self._allows("prompt"):
                with self._mode.lifted():
                    self._desk.open_prompt()
        elif action.name == "machine":
            self._controller.show(Page("The machine", (), _WAYS_OUT))
        elif action.name == "leave":
            self._failed(self._desk.leave(action.text))
        elif action.name in ("firmware", "next") and not self._allows("firmware"):
            pass  # it would lead around a firmware that asks for its own password
        elif action.name == "firmware":
            self._firmware(self._desk)
        elif action.name == "next":
            number, _, title = action.text.partition(" ")
            failed = self._desk.set_next_boot(int(number, 16))
            self._model.note = f"the firmware starts {title} next (m, r: restart)" * (not failed)
            self._failed(failed)
        return None

    def _failed(self, lines: list[str]) -> None:
        """Show why something could not be done with the machine; no lines: it was done."""
        if lines:
            self._controller.show(Page("That could not be done", lines))

    def _firmware(self, desk: Desk) -> None:
        """Let the firmware's next boot entry be chosen."""
        try:
            known = desk.firmware_entries()
        except Failure as error:
            self._failed(said(error))
            return
        items = []
        for entry in known:
            notes = ["started this machine"] * entry.current + ["is next"] * entry.following
            about = f"  ({', '.join(notes)})" if notes else ""
            text = f"{entry} {entry.title}"
            items.append(Item("", text + about, Action("next", text=text)))
        if items:
            lines = ("Once, at the next start; afterwards its usual order holds again.",)
            self._controller.show(Page("What the firmware starts next", lines, items))
        else:
            self._model.note = "the firmware has no boot entries"

    def _nobody(self) -> Chosen:
        """The terminal went away: start the default, where there is one."""
        for choice in self._model.choices:
            if choice.id == self._model.default and not choice.fault:
                self._terminal.log.add(f"Starting {choice.title}: the terminal is gone")
                return Chosen(choice.id)
        raise nobody_chose()

    def _allows(self, what: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        """Ask whether something may be done, for a password where one is due."""
        if self._terminal.allows(what, entry, free=free):
            return True
        self._model.note = "that is not allowed here"
        return False

    # -- starting

    def _start(self, choice: Choice, words: str, *, sure: bool) -> Chosen | None:
        entry = self._model.entry_of(choice)
        why = installer(entry)
        if (why or choice.confirm) and not sure:
            self._controller.show(_question(choice, words, why))
            return None
        added = [*self._model.added_to(choice), *([words] if words else [])]
        if added and not self._allows("edit", choice.entry):
            return None
        if not self._allows("boot", choice.entry, free=self.offer.frees(choice)):
            return None
        room = max(8, self._terminal.size()[0] - 11)
        edited = self._model.edited.get(choice.identity)
        how = [f"with {' '.join(added)}"] * bool(added) + ["edited"] * (edited is not None)
        self._terminal.say(
            f"Starting {cut(self._shown(choice.title), room)}.",
            logged=", ".join((f"Starting {choice.title}, by {self._model.by}", *how)),
        )
        kept = self._model.keep(choice)
        return Chosen(choice.id, entry=edited, words=added, by_person=True, kept=kept)

    def _edit(self, choice: Choice) -> None:
        from kxsh.console.edit.editor import edit_entry
        from kxsh.console.words.places import Places

        entry = self._model.entry_of(choice)
        if entry is None:
            self._model.note = "part of the script: nothing to edit"
            return
        if not self._allows("edit", entry):
            return
        self._terminal.say("opening the editor...")
        places = Places(self._desk.machine) if self._desk else None
        try:
            edited = edit_entry(
                self._terminal, entry, doing="keep", places=places, lines=self._mode.lifted
            )
        except Failure as error:
            self._model.note = error.message
            return
        finally:
            if places is not None:
                places.release()
        if edited is not None and edited != entry:
            self._model.edited[choice.identity] = edited
            self._model.note = "edited, for this start only; Enter: go"

    # -- looking

    def _plan(self, choice: Choice) -> None:
        entry = self._model.entry_of(choice)
        if entry is None:
            lines = ["This entry is a part of the script: what it loads is known when it runs."]
        elif choice.fault:
            lines = [f"It cannot start: {choice.fault}"]
        elif self._desk is None:
            lines = [f"kernel   {entry.kernel}", f"cmdline  {entry.handover or entry.cmdline}"]
        else:
            lines = self._desk.plan(entry, " ".join(self._model.added_to(choice)))
        hang = PLAN_COLUMN if lines[0].startswith("kernel  ") else 0  # an error has one column
        self._controller.show(Page(f"Plan: {choice.title}", lines, hang=hang))

    def _why(self) -> None:
        if self._desk is not None:
            lines = self._desk.why(self._terminal.size()[0] - 2)
        else:
            lines = (self.offer.failure or NO_FAILURE).splitlines()
        lines = [self._spoken(line) for line in lines]
        self._controller.show(Page("Why the last start failed", lines))

    def _spoken(self, text: str) -> str:
        """Return text with the names of disks for the directories of their mounts."""
        interpreter = self._terminal.interpreter
        return with_names(text, interpreter.machine.mounts()) if interpreter else text

    def _shown(self, text: str) -> str:
        return self._terminal.shown(text)


def _question(choice: Choice, words: str, why: str) -> Page:
    """Ask once more, for an installer (`why` says by what it looks like one) or where the script
    wants that."""
    reason = "The script asks once more before this starts."
    if why:
        reason = f"This looks like an installer: {why}. What it offers first may erase disks."
    return Page(
        "Start an installer?" if why else "Start this entry?",
        (choice.title, "", reason),
        (Item("", "Start it?  y / n", Action("sure", choice, words)),),
        question=True,
    )
