"""The walk along all paths: statement by statement, with the states that lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kxsh.checker.flow import calls, conditions, expressions, kernel
from kxsh.checker.flow.evidence import Evidence
from kxsh.checker.flow.program import Names, Program, Summary
from kxsh.checker.flow.state import (
    ANYTHING,
    NULL,
    Collector,
    Frame,
    Path,
    Slot,
    Value,
    merged,
)
from kxsh.source import Span
from kxsh.syntax import ast

# Turns of a loop that are followed, by how many loops stand around it.
_TURNS = (3, 2, 2)


class Loop:
    """Where `break` and `continue` lead."""

    __slots__ = ("body", "breaks", "continues")

    def __init__(self, depth: int, body: ast.Block) -> None:
        self.body = body
        self.breaks = Collector(depth)
        self.continues = Collector(depth)


class MenuEntry:
    """An `entry` of a menu and the paths on which it was added."""

    __slots__ = ("block", "frame", "names", "node", "paths")

    def __init__(self, node: ast.Call, block: ast.Block, names: Names, frame: Frame) -> None:
        self.node = node
        self.block = block
        self.names = names
        self.frame = frame
        self.paths: list[Path] = []


class MenuBlock:
    """A menu whose block is being run: `frame` owns what is opened in it."""

    __slots__ = ("entries", "frame", "more")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.entries: dict[int, MenuEntry] = {}
        self.more = False


class Walk:
    """One walk through a script or a function: where it stands, and where paths leave to.

    `failing` takes the paths on which something fails, where anybody handles that;
    `handled` counts the handlers around, within this function. Variables up to the depth
    `outside` are not the function's own.
    """

    def __init__(self, program: Program, summary: Summary, names: Names) -> None:
        self.program = program
        self.summary = summary
        self.resolved = program.resolved
        self.names = names
        self.frame = Frame(names.depth, None)
        self.failing: Collector | None = None
        self.handled = 0
        self.outside = -1
        self.loops = 0
        self.loop: Loop | None = None
        self.menu: MenuBlock | None = None
        self.returns: list[tuple[Path, Value]] = []

    @property
    def evidence(self) -> Evidence:
        return self.summary.evidence

    @property
    def owner(self) -> Frame:
        """The block that owns what is opened here."""
        return self.menu.frame if self.menu else self.frame

    # -- blocks

    @contextmanager
    def inside(self, span: Span | None) -> Iterator[None]:
        """Stand in a block of one's own."""
        names, frame = self.names, self.frame
        self.names = Names(names, frame.depth + 1)
        self.frame = Frame(frame.depth + 1, span)
        try:
            yield
        finally:
            self.names, self.frame = names, frame

    def block(
        self,
        block: ast.Block,
        paths: list[Path],
        names: Sequence[str] = (),
        values: Sequence[Value] = (),
    ) -> list[Path]:
        """Run a block in a scope of its own, with these variables in it."""
        with self.inside(block.span):
            for name, value in zip(names, values, strict=True):
                self.make(block, name, block.span, paths, value).given = True
            paths = self.statements(block.statements, paths)
        return self.left(paths)

    def left(self, paths: list[Path]) -> list[Path]:
        """Return paths as they are after the block that they come from."""
        return merged([path.leave(self.frame.depth) for path in paths])

    def make(
        self, node: ast.Node, name: str, span: Span, paths: Sequence[Path], value: Value
    ) -> Slot:
        """Make a variable in the block that is being run."""
        slot = self.program.slot(node, name, span, self.frame.depth)
        self.names.slots[name] = slot
        for path in paths:
            path.put(slot, value)
        return slot

    def statements(self, statements: Sequence[ast.Statement], paths: list[Path]) -> list[Path]:
        for statement in statements:
            if isinstance(statement, ast.Function):
                self.program.homes[id(statement)] = self.names
        for statement in statements:
            if not paths:
                break
            self.program.spend(len(paths))
            paths = merged(_STATEMENTS[type(statement)](self, statement, paths))
        return paths

    # -- failures

    def fail(self, path: Path, span: Span, words: str = "@ fails") -> None:
        """Let `path` fail at a call: whoever handles that goes on with a copy of it."""
        if self.failing is not None:
            self.failing.add(path.copy().chose(span, words))

    @contextmanager
    def handling(self) -> Iterator[Collector]:
        """Collect the paths that fail inside."""
        before, collector = self.failing, Collector(self.frame.depth)
        self.failing = collector
        self.handled += 1
        try:
            yield collector
        finally:
            self.failing = before
            self.handled -= 1

    # -- statements

    def _let(self, node: ast.Let, paths: list[Path]) -> list[Path]:
        after: list[Path] = []
        for path in paths:
            for way, value in expressions.evaluate(self, node.value, path):
                self.make(node, node.name, node.name_span, (way,), value)
                after.append(way)
        return after

    def _set(self, node: ast.Set, paths: list[Path]) -> list[Path]:
        steps = [step for step in node.steps if not isinstance(step, str)]
        after: list[Path] = []
        for path in paths:
            for way, values in expressions.evaluate_all(self, [*steps, node.value], path):
                self._store(node, way, values[-1])
                after.append(way)
        return after

    def _store(self, node: ast.Set, path: Path, value: Value) -> None:
        slot = self.names.find(node.name)
        if slot is None:
            path.forget(node.name)
        elif not node.steps:
            path.put(slot, value)
        else:
            held = path.value(slot)
            path.put(slot, expressions.with_part(held, value))
            if held.state:
                path.unsaved = {**path.unsaved, slot: node.span}

    def _if(self, node: ast.If, paths: list[Path]) -> list[Path]:
        after: list[Path] = []
        for test, body in node.branches:
            with self.inside(body.span):
                holds, fails = conditions.split(self, test, paths)
                after += [
                    path.leave(self.frame.depth - 1)
                    for path in self.statements(body.statements, merged(holds))
                ]
            paths = self.left(fails)
        if node.otherwise is not None:
            paths = self.block(node.otherwise, paths)
        return after + paths

    def _while(self, node: ast.While, paths: list[Path]) -> list[Path]:
        def turn(starts: list[Path]) -> tuple[list[Path], list[Path]]:
            with self.inside(node.body.span):
                for path in starts:
                    path.forget(node.condition.span.text)
                holds, fails = conditions.split(self, node.condition, starts)
                ends = self.statements(node.body.statements, merged(holds))
            return self.left(ends), self.left(fails)

        return self._turns(node, paths, turn)

    def _for(self, node: ast.For, paths: list[Path]) -> list[Path]:
        starts: list[Path] = []
        after: list[Path] = []
        item = ANYTHING
        for path in paths:
            for way, value in expressions.evaluate(self, node.value, path):
                item = Value(mounts=item.mounts | value.mounts, places=item.places | value.places)
                some, none = conditions.walked(self, node.value, value, way)
                starts += some
                after += none

        def turn(starts: list[Path]) -> tuple[list[Path], list[Path]]:
            ends = self.block(node.body, starts, node.names, [item] * len(node.names))
            turned = [*ends, *(self.loop.continues.paths if self.loop else ())]
            over = "the loop over @ comes to its end"
            return ends, [path.copy().chose(node.value.span, over) for path in turned]

        most = len(node.value.items) if isinstance(node.value, ast.ListLiteral) else None
        return after + (self._turns(node, starts, turn, most) if starts else [])

    def _turns(
        self,
        node: ast.For | ast.While,
        paths: list[Path],
        turn: Callable[[list[Path]], tuple[list[Path], list[Path]]],
        most: int | None = None,
    ) -> list[Path]:
        """Run a loop until no turn brings a new state; return the paths that come out.

        `turn` returns the paths that begin the next turn, and those that leave by the
        loop's own condition. `most` turns are run where the loop says how many it takes.
        """
        limit = _TURNS[self.loops] if self.loops < len(_TURNS) else 1
        if limit == 1:
            paths = [self._any_turn(node, path) for path in merged(paths)]
        before, self.loop = self.loop, None
        self.loops += 1
        seen: list[Path] = []
        out: list[Path] = []
        for turned in range(1, limit + 1):
            paths = [p for p in merged(paths) if not any(old.same(p) for old in seen)]
            if not paths:
                break
            seen += [path.copy() for path in paths]
            self.loop = Loop(self.frame.depth, node.body)
            ends, done = turn(paths)
            out = merged(out + done + self.loop.breaks.paths)
            paths = ends + self.loop.continues.paths
            if most is not None and turned == most:
                paths = []  # nothing begins another turn
        self.loops -= 1
        self.loop = before
        for path in paths:
            path.blurred = True
        return out + paths

    def _any_turn(self, node: ast.For | ast.While, path: Path) -> Path:
        """Return a path that may be at the beginning of any turn: what the loop changes
        is not known."""
        changes = self.program.changes_of(node.body)
        for name in changes.names:
            slot = self.names.find(name)
            if slot is not None:
                path.put(slot, ANYTHING)
        if changes.loads:
            kernel.used(self, path)
            kernel.anything_loaded(path)
        path.blurred = True
        return path

    def _match(self, node: ast.Match, paths: list[Path]) -> list[Path]:
        after: list[Path] = []
        for path in paths:
            for way, value in expressions.evaluate(self, node.value, path):
                after += self._arms(node, way, value)
        return after

    def _arms(self, node: ast.Match, path: Path, value: Value) -> list[Path]:
        after: list[Path] = []
        for arm in node.arms:
            if arm.patterns is None:
                ways = [path.chose(node.value.span, "no other arm fits @")]
                return after + self.block(arm.body, ways)
            fits = [conditions.equal(value, pattern.value) for pattern in arm.patterns]
            if None in fits:
                conditions.doubt(self, node.value, path)
            if all(fit is False for fit in fits):
                continue
            way = path.copy() if True not in fits else path
            options = " or ".join(pattern.span.text for pattern in arm.patterns)
            way.chose(node.value.span, f"@ is {options}")
            conditions.take_equal(self, node.value, arm.patterns, way)
            if way is not path and any(pattern.value is None for pattern in arm.patterns):
                conditions.take_null(self, node.value, path, False)
            after += self.block(arm.body, [way])
            if True in fits:
                return after
        if conditions.covers_all(node):
            return after
        return [*after, path.chose(node.value.span, "no arm fits @")]

    def _try(self, node: ast.Try, paths: list[Path]) -> list[Path]:
        with self.handling() as failed:
            after = self.block(node.body, paths)
        names = [node.name] if node.name else []
        return after + self.block(node.handler, failed.paths, names, [ANYTHING] * len(names))

    def _function(self, node: ast.Function, paths: list[Path]) -> list[Path]:
        return paths

    def _return(self, node: ast.Return, paths: list[Path]) -> list[Path]:
        for path in paths:
            if node.value is None:
                self.returns.append((path, NULL))
            else:
                self.returns += expressions.evaluate(self, node.value, path)
        return []

    def _break(self, node: ast.Break, paths: list[Path]) -> list[Path]:
        if self.loop is not None:
            for path in paths:
                self.loop.breaks.add(path)
        return []

    def _continue(self, node: ast.Continue, paths: list[Path]) -> list[Path]:
        if self.loop is not None:
            for path in paths:
                self.loop.continues.add(path)
        return []

    def _import(self, node: ast.Import, paths: list[Path]) -> list[Path]:
        if id(node) not in self.resolved.libraries:
            for path in paths:
                kernel.anything_loaded(path)
        return paths

    def _call_statement(self, node: ast.CallStatement, paths: list[Path]) -> list[Path]:
        after: list[Path] = []
        for path in paths:
            found = expressions.handle(
                self,
                lambda way: calls.call(self, node.call, way, node.block),
                node.handlers,
                path,
            )
            after += [way for way, _ in found]
        return after

    def _expression_statement(self, node: ast.ExpressionStatement, paths: list[Path]) -> list[Path]:
        return [way for path in paths for way, _ in expressions.evaluate(self, node.value, path)]


_STATEMENTS: dict[type, Callable[..., list[Path]]] = {
    ast.Let: Walk._let,
    ast.Set: Walk._set,
    ast.If: Walk._if,
    ast.While: Walk._while,
    ast.For: Walk._for,
    ast.Match: Walk._match,
    ast.Try: Walk._try,
    ast.Function: Walk._function,
    ast.Return: Walk._return,
    ast.Break: Walk._break,
    ast.Continue: Walk._continue,
    ast.Import: Walk._import,
    ast.CallStatement: Walk._call_statement,
    ast.ExpressionStatement: Walk._expression_statement,
}
