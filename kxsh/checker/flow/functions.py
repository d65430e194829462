"""Where a walk begins and what is left of it: the script itself, and its functions."""

from __future__ import annotations

from kxsh.checker.flow import kernel, lent
from kxsh.checker.flow.program import Exit, Names, Program, Summary
from kxsh.checker.flow.state import ANYTHING, NULL, Collector, Loaded, Path, Resource, Slot, Value
from kxsh.checker.flow.walk import Walk
from kxsh.syntax import ast

# Ways out of a function that are told apart.
_EXITS = 6


def walk_script(program: Program, summary: Summary) -> None:
    """Walk the script itself, from an empty state."""
    walk = Walk(program, summary, Names(None, 0))
    ends = walk.statements(program.script.statements, [Path(summary.entry.loaded)])
    kernel.at_end(walk, ends)


def walk_function(program: Program, summary: Summary, function: ast.Function) -> None:
    """Walk a function's body; put what it does into the summary."""
    home = home_of(program, function)
    walk = Walk(program, summary, home)
    walk.failing = Collector(home.depth)
    walk.outside = home.depth
    start = Path(summary.entry.loaded)
    lent.begin(start)
    start.blurred = summary.entry.blurred
    start.assumed = dict(summary.entry.assumed)
    for slot, value in summary.entry.values:
        start.learn(slot, value)
    with walk.inside(function.body.span):
        for parameter in function.parameters:
            slot = slot_of(program, function, parameter)
            walk.names.slots[slot.name] = slot
        ends = walk.statements(function.body.statements, [start])
    _exits(program, summary, function, [*walk.returns, *((path, NULL) for path in ends)])
    kinds = {path.loaded.kind: _loaded(summary, path) for path in walk.failing.paths}
    summary.failures = tuple(kinds.values())


def home_of(program: Program, function: ast.Function) -> Names:
    """Return the names that a function's body sees around it."""
    return program.homes.get(id(function)) or Names(None, 0)


def slot_of(program: Program, function: ast.Function, parameter: ast.Parameter) -> Slot:
    """Return the slot of a function's parameter."""
    name, depth = parameter.name.replace("-", "_"), home_of(program, function).depth + 1
    slot = program.slot(parameter, name, parameter.span, depth)
    slot.given = True
    return slot


def _exits(
    program: Program,
    summary: Summary,
    function: ast.Function,
    ways: list[tuple[Path, Value]],
) -> None:
    """Note the ways out, those of one kind once."""
    depth = home_of(program, function).depth
    exits: dict[tuple[object, ...], Exit] = {}
    for path, value in ways:
        moved = _moved(path, value)
        effects = lent.effects(path, depth)
        path.leave(depth, value)
        loaded = _loaded(summary, path)
        sets = _sets(program, summary, function, path)
        touched = value.touches.union(*(held.touches for _, held in sets))
        closed = frozenset(item for item in touched if item in path.closed) - moved
        assumed = frozenset(pair for pair in path.assumed.items() if "$" not in pair[0])
        key = (loaded and loaded.kind, value, sets, closed, effects)
        known = exits.get(key)
        if known is not None:
            loaded, assumed = known.loaded, known.assumed & assumed
        exits[key] = Exit(loaded, value, sets, closed, effects, assumed)
    summary.exits = tuple(exits.values())
    if len(exits) > _EXITS:
        loads = {loaded and loaded.kind: loaded for loaded in (it.loaded for it in exits.values())}
        slots = {slot for way_out in exits.values() for slot, _ in way_out.sets}
        sets = tuple((slot, ANYTHING) for slot in slots)
        summary.exits = tuple(Exit(loaded, ANYTHING, sets) for loaded in loads.values())


def _sets(
    program: Program, summary: Summary, function: ast.Function, path: Path
) -> tuple[tuple[Slot, Value], ...]:
    """Return the outer variables that are not what they were, as far as that is known."""
    before = dict(summary.entry.values)
    names = program.concern(function).sets
    home = home_of(program, function)
    slots = [slot for name in names or () if (slot := home.find(name)) is not None]
    if names is None:
        slots = home.all()
    return tuple(
        (slot, path.value(slot))
        for slot in slots
        if summary.entry.blurred or path.value(slot) != before.get(slot, ANYTHING)
    )


def _loaded(summary: Summary, path: Path) -> Loaded | None:
    """Return what a function leaves loaded; None where that is what it found."""
    return None if path.loaded is summary.entry.loaded else path.loaded


def _moved(path: Path, value: Value) -> frozenset[Resource]:
    """Return what moves to the caller with a result: the mounts in it, and what they may
    take along, which is all that is open."""
    if not value.mounts:
        return frozenset()
    return frozenset(resource for _, resource in path.owned)
