"""All of a script that is walked: its functions' summaries, and what all walks share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kxsh.checker.flow.evidence import Evidence
from kxsh.checker.flow.lent import UNKNOWN_EFFECTS, Effects
from kxsh.checker.flow.state import (
    ANYTHING,
    NOTHING,
    UNKNOWN,
    Loaded,
    Resource,
    Slot,
    Value,
)
from kxsh.checker.resolved import Resolved
from kxsh.record import record
from kxsh.source import Span
from kxsh.syntax import ast

# Functions that are walked inside one another; deeper ones wait for their turn.
_DEPTH = 25
# Ways to enter one function that are told apart.
_ENTRIES = 6
# Functions called by one another that are looked through for what concerns one.
_CONCERNED = 60
# How often a summary may change before nothing is known of the function.
_CHANGES = 5


class Names:
    """The variables of a block, by name: each a slot."""

    __slots__ = ("depth", "parent", "slots")

    def __init__(self, parent: Names | None, depth: int) -> None:
        self.parent = parent
        self.depth = depth
        self.slots: dict[str, Slot] = {}

    def find(self, name: str) -> Slot | None:
        names: Names | None = self
        while names is not None:
            if name in names.slots:
                return names.slots[name]
            names = names.parent
        return None

    def all(self) -> list[Slot]:
        """Return the slots that are in sight."""
        found: dict[str, Slot] = {}
        names: Names | None = self
        while names is not None:
            found = {**names.slots, **found}
            names = names.parent
        return list(found.values())


@record
class Exit:
    """A way out of a function: what is loaded then (None: what was before), its result,
    the outer variables that it set, what of all that is closed then, what else it has done
    with its caller's, and which conditions without variables held or not."""

    loaded: Loaded | None
    value: Value
    sets: tuple[tuple[Slot, Value], ...] = ()
    closed: frozenset[Resource] = frozenset()
    effects: Effects = UNKNOWN_EFFECTS
    assumed: frozenset[tuple[str, bool]] = frozenset()


@record
class Entry:
    """How a function is entered: what is loaded, what the caller knows of variables and of
    conditions, or (`blurred`) nothing of both."""

    loaded: Loaded
    values: frozenset[tuple[Slot, Value]] = frozenset()
    assumed: frozenset[tuple[str, bool]] = frozenset()
    blurred: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return (self.loaded.kind, self.values, self.assumed, self.blurred)


class Summary:
    """What a function does for a caller who enters by `entry`; `function` None: the script.

    `exits` are its ways back, `failures` what is loaded where it fails (None: what was
    before); `ends`: it can end the script, or fail by `fail`. `calls` are the functions
    that it calls, and where; `called_at` is where it is called first.
    """

    def __init__(self, function: ast.Function | None, entry: Entry) -> None:
        self.function = function
        self.entry = entry
        self.exits: tuple[Exit, ...] = ()
        self.failures: tuple[Loaded | None, ...] = ()
        self.ends = False
        self.adds_entries = False
        self.evidence = Evidence()
        self.calls: dict[int, tuple[Summary, Span]] = {}
        self.users: dict[int, Summary] = {}
        self.called_at: Span | None = None
        self.running = False
        self.changes = 0

    def outcome(self) -> tuple[object, ...]:
        """All that a caller sees: while it changes, callers are walked again."""
        return (self.exits, self.failures, self.ends, self.adds_entries)

    @property
    def given_up(self) -> bool:
        return self.changes > _CHANGES

    def changed(self) -> None:
        """Count a change; after too many, know nothing of the function any more."""
        self.changes += 1
        if self.given_up:
            self.exits = (Exit(UNKNOWN, ANYTHING),)
            self.failures = (UNKNOWN,)
            self.ends = True


@record
class Changes:
    """What a block may change: variables by name, and whether what is loaded."""

    names: frozenset[str]
    loads: bool


@record
class Concern:
    """What concerns a function and those that it calls: the variables that they read, those
    that they set (None: any), and their text."""

    reads: frozenset[str]
    sets: tuple[str, ...] | None
    text: str


class TooMuch(Exception):
    """A script whose paths are too many to be followed."""


class Program:
    """A script, all of its nodes, and what it calls.

    `uses` are the `load` calls whose kernel is started or looked at on some path,
    `replaced` those that another one followed; `opened` the calls that opened something,
    `touched` those of them whose thing something works with; `remounts`: a program may
    change how things are mounted. `tested` counts the texts of conditions and
    the variables that they read.
    """

    def __init__(self, script: ast.Script, nodes: Sequence[ast.Node], resolved: Resolved) -> None:
        self.script = script
        self.nodes = nodes
        self.resolved = resolved
        self.homes: dict[int, Names] = {}
        self.summaries: dict[tuple[object, ...], Summary] = {}
        self.main = Summary(None, Entry(NOTHING))
        self.uses: set[int] = set()
        self.touched: set[int] = set()
        self.opened: dict[int, ast.Call] = {}
        self.remounts = False
        self.replaced: dict[int, tuple[ast.Call, ast.Call]] = {}
        self.tested: Counter[str] = Counter()
        self.functions: list[ast.Function] = []
        self._resources: dict[tuple[int, int], Resource] = {}
        self._changes: dict[int, Changes] = {}
        self._slots: dict[tuple[int, str], Slot] = {}
        self._entries: Counter[int] = Counter()
        self._concerns: dict[int, Concern] = {}
        self._waiting: dict[int, Summary] = {}
        self._depth = 0
        self._work = 0
        self._limit = 4000
        self._survey()

    def _survey(self) -> None:
        """Look over the script once: how large it is, what it tests, its functions."""
        imported = [ast.walk(root) for root in self.resolved.scripts]
        for nodes in (self.nodes, *imported):
            for node in nodes:
                if isinstance(node, ast.Call | ast.Block | ast.Set | ast.Let):
                    self._limit += 24
                    self.remounts = self.remounts or _mounts_itself(node)
                elif isinstance(node, ast.If):
                    for test, _ in node.branches:
                        self._count(test)
                elif isinstance(node, ast.While):
                    self._count(node.condition)
                elif isinstance(node, ast.Match):
                    self._count(node.value)
                elif isinstance(node, ast.For):
                    self.tested[f"for {node.value.span.text}"] += 1
        self.functions = [node for node in self.nodes if isinstance(node, ast.Function)]

    def _count(self, test: ast.Node) -> None:
        for node in ast.walk(test):
            if isinstance(node, ast.Variable):
                self.tested["$" + node.name] += 1
            elif isinstance(node, ast.Call | ast.Binary):
                self.tested[node.span.text] += 1

    def spend(self, paths: int) -> None:
        """Count work; `TooMuch` where a script takes more than its share."""
        self._work += paths
        if self._work > self._limit:
            raise TooMuch

    def changes_of(self, block: ast.Block) -> Changes:
        """Return what may change when a block runs."""
        found = self._changes.get(id(block))
        if found is None:
            nodes = list(ast.walk(block))
            names = frozenset(node.name for node in nodes if isinstance(node, ast.Set))
            loads = any(isinstance(node, ast.Call) and self._may_load(node) for node in nodes)
            found = self._changes[id(block)] = Changes(names, loads)
        return found

    def concern(self, function: ast.Function) -> Concern:
        """Return what a function can read and set, with all that it calls."""
        found = self._concerns.get(id(function))
        if found is None:
            found = self._concerns[id(function)] = self._concern(function)
        return found

    def _concern(self, function: ast.Function) -> Concern:
        reads: set[str] = set()
        sets: set[str] = set()
        seen = {id(function): function}
        waiting = [function]
        while waiting:
            for node in ast.walk(waiting.pop().body):
                if isinstance(node, ast.Variable):
                    reads.add(node.name)
                elif isinstance(node, ast.Set):
                    sets.add(node.name)
                elif isinstance(node, ast.Call):
                    called = self.resolved.of(node)
                    callee = called.function.node if called and called.function else None
                    if callee is not None and id(callee) not in seen:
                        seen[id(callee)] = callee
                        waiting.append(callee)
            if len(seen) > _CONCERNED:
                return Concern(frozenset(), None, "")
        text = "\n".join(item.body.span.text for item in seen.values())
        return Concern(frozenset(reads | sets), tuple(sorted(sets)), text)

    def _may_load(self, node: ast.Call) -> bool:
        called = self.resolved.of(node)
        return called is None or called.command is None or "loads" in called.command.effects

    def slot(self, node: ast.Node, name: str, span: Span, depth: int) -> Slot:
        """Return the slot of the variable `name` that `node` makes: always the same."""
        found = self._slots.get((id(node), name))
        if found is None:
            found = self._slots[id(node), name] = Slot(name, span, depth)
        return found

    def resource(
        self,
        key: tuple[int, int],
        made: ast.Call,
        directory: str | None,
        *,
        writable: bool = False,
        kept: bool = False,
    ) -> Resource:
        """Return the resource of a call: always the same for the same `key`."""
        found = self._resources.get(key)
        if found is None:
            found = Resource(made, directory, writable=writable, kept=kept)
            self._resources[key] = found
        return found

    # -- functions

    def summary(self, function: ast.Function, entry: Entry, user: Summary, at: Span) -> Summary:
        """Return what a function does when it is entered so, as far as known."""
        found = self.summaries.get((id(function), *entry.key))
        if found is None and self._entries[id(function)] >= _ENTRIES and not entry.blurred:
            entry = Entry(entry.loaded, blurred=True)
            found = self.summaries.get((id(function), *entry.key))
        if found is None:
            self._entries[id(function)] += 1
            found = self.summaries[id(function), *entry.key] = Summary(function, entry)
            found.called_at = at
            if self._depth < _DEPTH:
                self._walk(found)
            else:
                self._waiting[id(found)] = found
        found.users[id(user)] = user
        user.calls.setdefault(id(found), (found, at))
        return found

    def run(self) -> None:
        """Walk the script, then what it does not call, until no summary changes."""
        self._walk(self.main)
        self._settle()
        called = {key[0] for key in self.summaries}
        for function in self.functions:
            if id(function) not in called:
                summary = Summary(function, Entry(UNKNOWN, blurred=True))
                self.summaries[id(function), *summary.entry.key] = summary
                self._walk(summary)
        self._settle()

    def _settle(self) -> None:
        while self._waiting:
            self._walk(self._waiting.pop(next(iter(self._waiting))))

    def _walk(self, summary: Summary) -> None:
        from kxsh.checker.flow.functions import walk_function, walk_script

        if summary.running or summary.given_up:
            return
        before = summary.outcome()
        summary.running = True
        self._depth += 1
        summary.evidence = Evidence()
        if summary.function is None:
            walk_script(self, summary)
        else:
            walk_function(self, summary, summary.function)
        self._depth -= 1
        summary.running = False
        if summary.outcome() != before:
            summary.changed()
            self._waiting.update(summary.users)


def _mounts_itself(node: ast.Node) -> bool:
    """Tell whether a program is run that can change mounts, or anything at all."""
    if not isinstance(node, ast.Call) or node.name != "run" or not node.arguments:
        return False
    program = node.arguments[0].value
    name = program.value if isinstance(program, ast.Literal) else None
    return not isinstance(name, str) or name.rpartition("/")[2] in ("mount", "sh", "busybox")
