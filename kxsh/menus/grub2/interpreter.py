"""Runs GRUB scripts (grub-core/script/execute.c), within limits and touching nothing.

A command returns GRUB's error number, 0 for success; `$?` is that number. What is no
command, function or assignment is complained about and, as in GRUB, counts as success.
"""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.boot.entry import Passwords
from kxsh.machine.protocol import CONFIG_LIMIT
from kxsh.menus import limits
from kxsh.menus.grub2.environment import Environment
from kxsh.menus.grub2.globs import matches
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, NONE, OUT_OF_RANGE, TEST_FAILURE
from kxsh.menus.grub2.parser import Parser
from kxsh.menus.grub2.state import Item, Loaded
from kxsh.menus.grub2.tree import Block, Command, For, If, Statement, While
from kxsh.menus.grub2.words import Expander
from kxsh.menus.grub2.world import World
from kxsh.text import display

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Callable

    Builtin = Callable[["Interpreter", list[str], Block | None], int]

# What a variable, and everything that `echo` says, may hold.
_VALUE = 64 * 1024


class Interpreter:
    """One line of execution: variables, functions, the menu that is being built.

    `arguments` are those of the function that runs (None: outside of any); `passwords`
    are what a user of a protected entry has to type; `said` is
    what `echo` printed, `actions` what was asked for that only GRUB can do.
    """

    def __init__(
        self,
        world: World,
        environment: Environment,
        functions: dict[str, list[Statement]] | None = None,
        arguments: list[str] | None = None,
    ) -> None:
        from kxsh.menus.grub2.commands import BUILTINS

        self.world = world
        self.environment = environment
        self.functions = functions or {}
        self.items: list[Item] = []
        self.loaded: Loaded | None = None
        self.writes: dict[tuple[str, str], bytes] = {}
        self.passwords = Passwords()
        self.said: list[str] = []
        self.actions: list[str] = []
        self.file = ""
        self.line = 0
        self._builtins: dict[str, Builtin] = BUILTINS
        self._arguments = arguments
        self._expander = Expander(self.environment.get, arguments, self._glob, world.spend)
        self._said = 0
        self._depth = 0
        self._loops = 0
        self._breaks = 0
        self._continuing = False
        self._returning = False

    # -- what commands use

    @property
    def arguments(self) -> list[str] | None:
        return self._arguments

    @arguments.setter
    def arguments(self, arguments: list[str] | None) -> None:
        self._arguments = arguments
        self._expander.arguments = arguments

    @property
    def root(self) -> str:
        return self.environment.get("root") or ""

    def switch(self, environment: Environment) -> Environment:
        """Go on with other variables; return those of before."""
        before = self.environment
        self.environment = environment
        self._expander.lookup = environment.get
        return before

    def set(self, name: str, value: str) -> None:
        self.world.spend(len(value) // 64)
        self.environment.set(name, value[:_VALUE])

    def complain(self, message: str) -> None:
        self.world.complain(self.file, self.line, message)

    def fail(self, code: int, message: str) -> int:
        """Note an error that GRUB would show, and return its number."""
        self.complain(message)
        return code

    def say(self, text: str) -> None:
        if self._said < _VALUE:
            self.said.append(text)
            self._said += len(text)

    def break_loops(self, count: int, *, go_on: bool) -> None:
        self._continuing = go_on
        self._breaks = min(count, self._loops)

    def leave_function(self) -> None:
        self._returning = True

    def _leaves(self) -> bool:
        return self._returning

    def define(self, name: str, body: list[Statement]) -> None:
        """Define a function; the names of before stay as they are for other copies."""
        if len(self.functions) < limits.GRUB_FUNCTIONS or name in self.functions:
            self.functions = {**self.functions, name: body}
        else:
            self.complain("too many functions")

    # -- text

    def run_text(self, text: str, line: int = 1) -> int:
        """Run a script, statement by statement as GRUB reads it."""
        if self._depth >= limits.GRUB_DEPTH:
            return self.fail(OUT_OF_RANGE, "too many scripts and functions inside of each other")
        self._depth += 1
        self.world.spend(5 + min(len(text), CONFIG_LIMIT) // 16)
        parser = Parser(text, self.define, line)
        status = NONE
        try:
            while True:
                statements = parser.unit()
                if statements is None:
                    return status
                if parser.remark:
                    self.world.complain(self.file, parser.failure_line, parser.remark)
                if parser.failure:
                    self.world.spend(2)
                    self.world.complain(self.file, parser.failure_line, f"syntax: {parser.failure}")
                elif statements:
                    status = self.execute(statements)
        finally:
            self._depth -= 1

    def run_body(self, item: Item) -> int:
        """Run what stands in a menu item's braces (or in its --source)."""
        if isinstance(item.body, str):
            return self.run_text(item.body, item.line)
        return self.execute(item.body.body)

    def call(self, name: str, arguments: list[str]) -> int:
        """Call a function."""
        if self._depth >= limits.GRUB_DEPTH:
            return self.fail(OUT_OF_RANGE, "too many scripts and functions inside of each other")
        self._depth += 1
        loops, self._loops = self._loops, 0
        before = self._arguments
        self.arguments = arguments
        try:
            return self.execute(self.functions[name])
        finally:
            self.arguments = before
            self._returning = False
            self._loops = loops
            self._depth -= 1

    # -- statements

    def execute(self, statements: Sequence[Statement]) -> int:
        status = NONE
        values = self.environment.values
        for statement in statements:
            if self._breaks:
                break
            status = self._one(statement)
            if values is not self.environment.values:
                values = self.environment.values
            values["?"] = str(status) if status else "0"
            if self._returning:
                break
        return status

    def _one(self, statement: Statement) -> int:
        if type(statement) is Command:
            return self._command(statement)
        if type(statement) is If:
            return self._if(statement)
        if type(statement) is For:
            return self._for(statement)
        return self._while(statement)  # type: ignore[arg-type]

    def _if(self, statement: If) -> int:
        for condition, body in statement.branches:
            status = self.execute(condition)
            if self._returning:
                return status
            if self.environment.values["?"] == "0":
                return self.execute(body)
        return self.execute(statement.otherwise)

    def _for(self, statement: For) -> int:
        words = self._expander.expand(statement.words)
        self._loops += 1
        status = NONE
        for word in words:
            if self._continuing and self._breaks == 1:
                self._breaks = 0
            if self._breaks:
                continue
            self.world.spend(1)
            self.set(statement.name, word)
            status = self.execute(statement.body)
            if self._returning:
                break
        self._breaks = max(self._breaks - 1, 0)
        self._loops -= 1
        return status

    def _while(self, statement: While) -> int:
        self._loops += 1
        while True:
            status = self.execute(statement.condition)
            if self._leaves() or (not status if statement.until else status):
                break
            status = self.execute(statement.body)
            if self._leaves():
                break
            if self._breaks == 1 and self._continuing:
                self._breaks = 0
            if self._breaks:
                break
        self._breaks = max(self._breaks - 1, 0)
        self._loops -= 1
        return status

    def _command(self, command: Command) -> int:
        words = self._expander.expand(command.words)
        self.line = command.line
        self.world.spend(1 + sum(map(len, words)) // 64)
        if not words:
            return NONE
        name = words[0]
        inverted = name == "!"
        if inverted:
            if len(words) < 2:
                return self.fail(BAD_ARGUMENT, "`!` without a command")
            del words[0]
            name = words[0]
        del words[0]
        block = command.block
        builtin = self._builtins.get(name)
        if builtin is None:
            if name not in self.functions:
                return self._assign(name)
            if block is not None:
                words.append(f"{{{block.text}}}")
            status = self.call(name, words)
        else:
            if block is not None and name not in _WITH_BLOCK:
                words.append(f"{{{block.text}}}")
            status = builtin(self, words, block)
        if inverted:
            return TEST_FAILURE if status == NONE else NONE
        return status

    def _assign(self, word: str) -> int:
        name, mark, value = word.partition("=")
        if not mark:
            self.complain(f"GRUB command not known here: {display(word, 60)}")
        elif name[:1].isdigit() or name in ("#", "*", "@"):
            self.complain(f"`{display(name, 60)}` cannot be set")
        else:
            self.set(name, value)
        return NONE

    def _glob(self, pattern: str) -> list[str]:
        self.world.spend(5)
        return matches(pattern, self.world, self.root)


_WITH_BLOCK = frozenset(("menuentry", "submenu"))
