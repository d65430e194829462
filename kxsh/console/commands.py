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
        return why.explain(error, self._columns(), color=self._session.terminal.color)

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
        if topic is None:
            shown = [item for item in self._session.commands.values() if item.name != "help"]
            lines = ["At this prompt", *(f"  {item.name:<26} {item.summary}" for item in shown)]
            return "\n".join([*lines, builtin_help.overview()])
        own = self._session.commands
        if topic in own and topic not in COMMANDS:
            return builtin_help.describe(own[topic])
        if topic in COMMANDS:
            return builtin_help.describe(COMMANDS[topic])
        near = nearest(topic, [*own, *COMMANDS])
        hint = f"did you mean {near}?" if near else "`help` lists all topics"
        raise NotFound(f"no help on {topic}", hint=hint)

    def _columns(self) -> int:
        return self._session.terminal.size()[0] - 1
