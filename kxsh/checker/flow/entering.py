"""Calls of a script's own functions: by what each is entered, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.checker.flow import kernel, lent, opened
from kxsh.checker.flow.program import Entry
from kxsh.checker.flow.state import (
    ANYTHING,
    CALLERS,
    NULL,
    Closing,
    Loaded,
    Path,
    Resource,
    Slot,
    Value,
    constant,
)
from kxsh.syntax import ast
from kxsh.units import parse_integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Given
    from kxsh.checker.flow.expressions import Ways
    from kxsh.checker.flow.program import Exit
    from kxsh.checker.flow.walk import Walk
    from kxsh.checker.resolved import Called


def enter(
    walk: Walk,
    node: ast.Call,
    called: Called,
    function: ast.Function,
    given: Mapping[str, list[Given]],
    path: Path,
) -> Ways:
    """Return the paths that come back from a function, each with its result."""
    entry = _entry(walk, node, called, function, given, path)
    summary = walk.program.summary(function, entry, walk.summary, node.span)
    kernel.used(walk, path)
    opened.any_use(walk.program)
    walk.summary.ends = walk.summary.ends or summary.ends
    if walk.menu is not None and summary.adds_entries:
        walk.menu.more = True
    failed = [_as_left(walk, path.copy(), function, loaded) for loaded in summary.failures]
    for way in failed:
        walk.fail(way, node.span)
    found: Ways = []
    several = len(summary.exits) > 1
    parameters = _parameters(walk, function, given)
    for place, way_out in enumerate(summary.exits):
        way = path if place == len(summary.exits) - 1 else path.copy()
        found.append((way, _returned(walk, node, way_out, way)))
        lent.apply(walk, node, parameters, way_out.effects, way)
        if several:
            way.assumed = {**way.assumed, **dict(way_out.assumed)}
            way.chose(node.span, _told(way_out))
    if node.optional:
        found += [(way.chose(node.span, "@ finds nothing"), NULL) for way in failed]
    return found


def _entry(
    walk: Walk,
    node: ast.Call,
    called: Called,
    function: ast.Function,
    given: Mapping[str, list[Given]],
    path: Path,
) -> Entry:
    """Return what a function can know of its caller: no more than concerns it."""
    from kxsh.checker.flow.functions import home_of, slot_of

    program = walk.program
    home, concern = home_of(program, function), program.concern(function)
    values = {
        (slot, outline)
        for name in concern.reads
        if (slot := home.find(name)) is not None
        if (outline := path.value(slot).outline) != ANYTHING
    }
    spread = any(argument.kind == "spread" for argument in node.arguments)
    for parameter in function.parameters:
        slot, name = slot_of(program, function, parameter), parameter.name
        if parameter.kind == "rest" or spread or slot.name not in concern.reads:
            continue
        value = _argument(parameter, given.get(name), name in called.bound).outline
        if value != ANYTHING:
            values.add((slot, value))
    assumed = {(text, is_) for text, is_ in path.assumed.items() if _bare(text) in concern.text}
    loaded = CALLERS if path.loaded.kind == "kernel" else path.loaded
    return Entry(loaded, frozenset(values), frozenset(assumed), path.blurred)


def _parameters(
    walk: Walk, function: ast.Function, given: Mapping[str, list[Given]]
) -> dict[Slot, Given | None]:
    """Return what was given for each parameter, by its slot."""
    from kxsh.checker.flow.functions import slot_of

    return {
        slot_of(walk.program, function, parameter): items[0] if len(items) == 1 else None
        for parameter in function.parameters
        if (items := given.get(parameter.name, [])) is not None
    }


def _bare(text: str) -> str:
    """Return an assumption's words as they stand in the script."""
    return text.removeprefix("for ")


def _argument(parameter: ast.Parameter, given: list[Given] | None, bound: bool) -> Value:
    """Return what is known of a parameter's value; words convert as it asks for."""
    kind = parameter.type.name if parameter.type is not None else "any"
    if parameter.kind == "option" and kind == "bool":
        return constant(bound)
    if not given:
        default = parameter.default
        return constant(default.value) if isinstance(default, ast.Literal) else ANYTHING
    word = given[0].node.value if isinstance(given[0].node, ast.Literal) else None
    if isinstance(word, str) and kind == "bool":
        return constant(word == "true")
    if isinstance(word, str) and kind == "int":
        return constant(parse_integer(word))
    return ANYTHING if isinstance(word, str) and kind not in ("any", "str") else given[0].value


def _as_left(walk: Walk, path: Path, function: ast.Function, loaded: Loaded | None) -> Path:
    """Return a path as a function left it that failed: nobody knows how far it came."""
    from kxsh.checker.flow.functions import home_of

    home, names = home_of(walk.program, function), walk.program.concern(function).sets
    path.loaded = path.loaded if loaded is None else loaded
    path.unsaved = {}
    found = home.all() if names is None else [home.find(name) for name in names]
    for slot in found:
        if slot in path.values:
            path.put(slot, ANYTHING)
    return path


def _told(way_out: Exit) -> str:
    known = way_out.value.known
    if known is not None and known[0] in ("bool", "int"):
        return f"@ returns {str(known[1]).lower()}"
    loads = way_out.loaded is not None and way_out.loaded.kind == "kernel"
    return f"@ returns {'after' if loads else 'without'} loading a kernel"


def _returned(walk: Walk, node: ast.Call, way_out: Exit, path: Path) -> Value:
    """Let a path be as a function leaves it; return the result as its own."""
    if way_out.loaded is not None:
        path.loaded = way_out.loaded
    for slot, value in way_out.sets:
        path.put(slot, _taken(walk, node, way_out, path, value, frozenset()))
    return _taken(walk, node, way_out, path, way_out.value, way_out.value.mounts)


def _taken(
    walk: Walk,
    node: ast.Call,
    way_out: Exit,
    path: Path,
    value: Value,
    moved: frozenset[Resource],
) -> Value:
    """Return a value that a function gave, on what is the caller's own."""
    if not value.touches:
        return value
    if any(item.lent for item in value.touches):
        return Value(value.known, value.nullable, state=value.state)
    mine = {item: _own(walk, node, item) for item in value.touches}
    for item, own in mine.items():
        if item in way_out.closed:
            path.close(own, Closing("function", item.made.span))
        elif item in moved:
            path.own(walk.owner, own)
    return Value(
        value.known,
        value.nullable,
        frozenset(mine[item] for item in value.mounts),
        frozenset(mine[item] for item in value.places),
        value.state,
    )


def _own(walk: Walk, node: ast.Call, resource: Resource) -> Resource:
    """Return a function's resource as that of one call of it."""
    return walk.program.resource(
        (id(node), id(resource)),
        resource.made,
        resource.directory,
        writable=resource.writable,
    )
