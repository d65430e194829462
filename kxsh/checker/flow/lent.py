"""What a function does with its caller's mounts and states, and what that makes of them.

A function does not know what its caller has mounted. So `umount` of an outer variable or
of a parameter closes a resource that stands for it (`Resource.lent`), and each call
closes the caller's own. Likewise `CARRIED` stands for the states that a caller has
changed and not saved: while a path has it, the function has saved nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.checker.flow.state import Closing, Path, Resource, Slot, Value
from kxsh.record import record
from kxsh.source import Source, Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Given
    from kxsh.checker.flow.walk import Walk

_NOWHERE = Span(Source("", ""), 0, 0)
CARRIED = Slot("", _NOWHERE, -1)


@record
class Effects:
    """What a function leaves of its caller's on one way out: what it has unmounted, the
    states that it has changed, and whether it has saved none (`carries`)."""

    unmounted: tuple[tuple[Slot, Closing], ...] = ()
    unsaved: tuple[tuple[Slot, Span], ...] = ()
    carries: bool = False


UNKNOWN_EFFECTS = Effects()


def begin(path: Path) -> None:
    """Let a path be at the beginning of a function."""
    path.unsaved = {CARRIED: _NOWHERE}


def effects(path: Path, depth: int) -> Effects:
    """Return what a function has done on a path; the variables up to `depth` are outer."""
    unmounted = tuple((it.lent, how) for it, how in path.closed.items() if it.lent is not None)
    unsaved = {slot: at for slot, at in path.unsaved.items() if slot.depth <= depth}
    carries = unsaved.pop(CARRIED, None) is not None
    return Effects(unmounted, tuple(unsaved.items()), carries)


def mount_of(
    walk: Walk, path: Path, by: ast.Call, node: ast.Expression, value: Value
) -> Resource | None:
    """Return the one mount that a value is, the caller's by what stands for it; `by` is
    the call that closes it."""
    if value.mounts or not isinstance(node, ast.Variable):
        return next(iter(value.mounts)) if len(value.mounts) == 1 else None
    slot, function = walk.names.find(node.name), walk.summary.function
    if slot is None or function is None or value.places:
        return None
    is_parameter = slot.given and slot.depth == walk.outside + 1
    sets = walk.program.concern(function).sets
    if sets is None or slot.name in sets or not (slot.depth <= walk.outside or is_parameter):
        return None
    lent = walk.program.resource((id(slot), 0), by, None)
    lent.lent = slot
    held = path.value(slot)
    path.learn(slot, Value(held.known, held.nullable, frozenset((lent,)), state=held.state))
    return lent


def apply(
    walk: Walk,
    node: ast.Call,
    parameters: Mapping[Slot, Given | None],
    done: Effects,
    path: Path,
) -> None:
    """Let a path be as a call of a function leaves what is its caller's."""
    from kxsh.checker.flow import mounts

    if not done.carries:
        path.unsaved = {}
    if done.unsaved:
        path.unsaved = {**path.unsaved, **dict(done.unsaved)}
    for slot, closing in done.unmounted:
        if slot in parameters:
            given = parameters[slot]
            resource = mount_of(walk, path, node, given.node, given.value) if given else None
        else:
            outer = ast.Variable(node.span, slot.name)
            same = walk.names.find(slot.name) is slot
            held = path.value(slot)
            resource = mount_of(walk, path, node, outer, held) if same or held.mounts else None
        if resource is not None:
            mounts.close(walk, node, resource, closing, path)
