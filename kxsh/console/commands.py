"""The prompt's own commands: they look at what happened, so scripts do not have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.commands import help as builtin_help
from kxsh.commands.context import Context
from kxsh.commands.registry import COMMANDS, Command
from kxsh.console import tables, why
from kxsh.errors import NotFound
from kxsh.signature import Parameter, Signature, optional
from kxsh.text import nearest
from kxsh.values import INT, STR

if TYPE_CHECKING:
    from kxsh.console.session import Session


class PromptCommands:
    """The commands of one session, as methods; `table` declares them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def table(self) -> dict[str, Command]:
        """Return the declarations by name, in the order `help` lists them."""
        number = optional("number", INT, "1 is the last failure, 2 the one before it", 1)
        topic = optional("topic", STR, "a command's name")
        declared: tuple[tuple[str, tuple[Parameter, ...]], ...] = (
            ("why", (number,)),
            ("disks", ()),
            ("mounts", ()),
            ("sh", ()),
            ("retry", ()),
            ("exit", ()),
            ("help", (topic,)),
        )
        return {
            name: Command(getattr(self, name), Signature(name, parameters), (), (), (name,))
            for name, parameters in declared
        }

    def why(self, context: Context, number: int) -> str:
        """Show all that is known about the last failure, and what to try next.

        That is: the place, the class, the kernel's error and messages, what was tried.
        """
        error = self._session.failure(number)
        if error is None:
            return "nothing has failed" if number == 1 else f"there is no failure {number}"
        return why.explain(
            error,
            self._columns(),
            color=self._session.terminal.color,
            again=self._session.retry is not None,
        )

    def disks(self, context: Context) -> str:
        """Show every disk and partition: size, type, label, uuid, model."""
        return tables.disks(context.machine.devices(), self._columns())

    def mounts(self, context: Context) -> str:
        """Show what is mounted, from which device, and by which line."""
        return tables.mounts(list(self._session.mounts()), self._columns())

    def sh(self, context: Context) -> None:
        """Open a plain shell; its end comes back here."""
        context.console.say("a plain shell; `exit` or Ctrl-D comes back to kxsh")
        done = context.machine.run(["sh"])
        there = len(context.machine.devices())  # what the shell changed is looked at again
        context.console.say(f"back in kxsh (status {done.status}, {there} devices there)")

    def retry(self, context: Context) -> None:
        """Run the script that failed again, from its first line."""
        self._session.resume()

    def exit(self, context: Context) -> None:
        """Leave the prompt: resume booting, after a question."""
        self._session.leave()

    def help(self, context: Context, topic: str | None) -> str:
        """Show all commands, or one command's signature, options and examples."""
        columns = self._columns()
        if topic is None:
            return tables.names(self._families(), columns)
        text = builtin_help.library(topic) if topic not in self._session.commands else ""
        return tables.flowed(text or builtin_help.describe(self._find(topic)), columns)

    def _families(self) -> list[tuple[str, list[str]]]:
        """Return headings and the commands below them, few enough lines for one screen."""
        families = [("At this prompt", list(self._session.commands))]
        for heading, family in builtin_help.FAMILIES.items():
            named = [item.name for item in COMMANDS.values() if item.family == family]
            families.append((heading, [name for name in named if name != "help"]))
        families.append(("Library", builtin_help.library_names()))
        return [*families, ("More", ["`help COMMAND` shows options and examples; Tab completes"])]

    def _find(self, topic: str) -> Command:
        own = self._session.commands
        if topic in own and topic not in COMMANDS:
            return own[topic]
        if topic in COMMANDS:
            return COMMANDS[topic]
        near = nearest(topic, [*own, *COMMANDS])
        hint = f"did you mean {near}?" if near else "`help` lists all topics"
        raise NotFound(f"no help on {topic}", hint=hint)

    def _columns(self) -> int:
        return self._session.terminal.size()[0] - 1
