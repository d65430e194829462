"""Where a walk begins and what is left of it: the script itself, and its functions."""

from __future__ import annotations

from kxsh.checker.flow import kernel
from kxsh.checker.flow.program import Exit, Names, Program, Summary
from kxsh.checker.flow.state import ANYTHING, NULL, Collector, Loaded, Path, Value
from kxsh.checker.flow.walk import Walk
from kxsh.syntax import ast

# Ways out of a function that are told apart.
_EXITS = 6


def walk_script(program: Program, summary: Summary) -> None:
    """Walk the script itself, from an empty state."""
    walk = Walk(program, summary, Names(None, 0))
    ends = walk.statements(program.script.statements, [Path(summary.entry)])
    kernel.at_end(walk, ends)


def walk_function(program: Program, summary: Summary, function: ast.Function) -> None:
    """Walk a function's body; put what it does into the summary."""
    home = program.homes.get(id(function)) or Names(None, 0)
    walk = Walk(program, summary, home)
    walk.failing = Collector(home.depth)
    start = Path(summary.entry)
    with walk.inside(function.body.span):
        for parameter in function.parameters:
            name = parameter.name.replace("-", "_")
            walk.make(parameter, name, parameter.span, (start,), ANYTHING)
        ends = walk.statements(function.body.statements, [start])
    _exits(summary, home.depth, [*walk.returns, *((path, NULL) for path in ends)])
    kinds = {path.loaded.kind: _loaded(summary, path) for path in walk.failing.paths}
    summary.failures = tuple(kinds.values())


def _exits(summary: Summary, depth: int, ways: list[tuple[Path, Value]]) -> None:
    """Note the ways out, those of one kind once."""
    exits: dict[tuple[object, ...], Exit] = {}
    for path, value in ways:
        result = _result(path, value)
        path.leave(depth)
        loaded = _loaded(summary, path)
        sets = tuple(path.values.items())
        exits.setdefault((loaded and loaded.kind, result, sets), Exit(loaded, result, sets))
    summary.exits = tuple(exits.values())
    if len(exits) > _EXITS:
        loads = {loaded and loaded.kind: loaded for loaded in (it.loaded for it in exits.values())}
        slots = {slot for way_out in exits.values() for slot, _ in way_out.sets}
        sets = tuple((slot, ANYTHING) for slot in slots)
        summary.exits = tuple(Exit(loaded, ANYTHING, sets) for loaded in loads.values())


def _loaded(summary: Summary, path: Path) -> Loaded | None:
    """Return what a function leaves loaded; None where that is what it found."""
    return None if path.loaded is summary.entry else path.loaded


def _result(path: Path, value: Value) -> Value:
    """Return a result as the caller gets it: a mount in it moves to the caller; what lies
    on another one (`places`, and not `mounts`) is closed when the function is over."""
    owned = {resource for _, resource in path.owned if not resource.kept}
    closed = {item for item in value.places if item in path.closed}
    if not value.mounts:  # one that is returned may take others along
        closed |= {item for item in value.places if item in owned}
    return Value(
        value.known, value.nullable, value.mounts, frozenset(closed | value.mounts), value.state
    )
