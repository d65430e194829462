"""The kernel that is loaded: KX301, KX303, KX307, KX308."""

from __future__ import annotations

from kxsh.checker.flow import lent
from kxsh.checker.flow.evidence import Seen, Spot
from kxsh.checker.flow.state import UNKNOWN, Loaded, Path, quoted
from kxsh.checker.report import Report
from kxsh.checker.resolved import only_makes_names
from kxsh.errors import Related
from kxsh.syntax import ast
from kxsh.usage import ends_unstarted, nothing_loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Use
    from kxsh.checker.flow.program import Program
    from kxsh.checker.flow.walk import Walk


def load(walk: Walk, use: Use) -> None:
    """A kernel is loaded: it takes the place of one that was there (KX307)."""
    path = use.path
    before = path.loaded.at
    if before is not None:
        if before is use.node:
            if walk.loop is not None and not _is_left(walk, walk.loop.body):
                walk.evidence.hit("KX307", use.node.span, path, _tell_turns)
        elif walk.handled or walk.summary.function is not None or use.node.optional:
            walk.program.uses.add(id(before))
        else:
            walk.program.replaced.setdefault(id(before), (before, use.node))
    path.loaded = Loaded("kernel", use.node)


def _is_left(walk: Walk, body: ast.Block) -> bool:
    """Tell whether a turn of a loop can be its last one by what stands in it."""
    for node in ast.walk(body):
        if isinstance(node, ast.Break | ast.Return):
            return True
        if isinstance(node, ast.Call):
            called = walk.resolved.of(node)
            if called is None or called.function is not None:
                return True
            if called.command and called.command.signature.returns.name == "never":
                return True
    return False


def _tell_turns(report: Report, spot: Spot) -> None:
    report.add(
        "KX307",
        "each turn of the loop loads a kernel in place of the one before",
        spot.span,
        "start it in the same turn with `exec`, or leave the loop with `break`",
    )


def used(walk: Walk, path: Path) -> None:
    """What is loaded is started, looked at, or handed on: it was not loaded in vain."""
    if path.loaded.at is not None:
        walk.program.uses.add(id(path.loaded.at))


def anything_loaded(path: Path) -> None:
    """Something is loaded or not: nobody knows."""
    path.loaded = UNKNOWN


def must_be_loaded(walk: Walk, use: Use) -> None:
    """`exec` starts what is loaded (KX301)."""
    path = use.path
    if use.node.arguments and not use.called.bound:  # there is an error already
        anything_loaded(path)
    elif path.loaded.kind == "nothing":
        walk.evidence.hit("KX301", use.node.span, path, _tell_unloaded, walk.summary.called_at)
        path.loaded = UNKNOWN  # one finding is enough
    else:
        walk.evidence.passed("KX301", use.node.span, path, path.loaded.at)
    used(walk, path)


def jump(walk: Walk, use: Use) -> None:
    """The script hands over: what it changed must have been saved (KX308)."""
    used(walk, use.path)
    if not {"loads", "needs-loaded"} & set(use.command.effects):
        return
    unsaved = use.path.unsaved.items()
    changed = next((item for item in unsaved if item[0] is not lent.CARRIED), None)
    if changed is None:
        walk.evidence.passed("KX308", use.node.span, use.path)
    else:
        walk.evidence.hit("KX308", use.node.span, use.path, _tell_unsaved, changed)


def _tell_unsaved(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    slot, span = spot.hit.what
    report.add(
        "KX308",
        f"the state `${slot.name}` was changed and is not saved",
        spot.span,
        f"`save ${slot.name}` before it: the next boot knows only what was saved",
        label=f"the change is lost{spot.when}",
        related=[Related(span, "changed here")],
    )


def _tell_unloaded(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    if spot.passed is None:
        error = nothing_loaded().at(spot.span)
        error.related = tuple(_called_at(spot.hit))
        report.add_error(error)
        return
    report.add(
        "KX301",
        f"{quoted(spot.span)} without a loaded kernel on one path",
        spot.span,
        'load one on every path, or leave: `else { recovery "no kernel" }`',
        label=f"nothing is loaded{spot.when}",
        related=_loaded_at(spot.passed, spot) + _called_at(spot.hit),
    )


def _called_at(hit: Seen) -> list[Related]:
    """Return where the function was called that the place is in, if it is in one."""
    return [Related(hit.what, "called here with nothing loaded")] if hit.what else []


def _loaded_at(passed: Seen, spot: Spot) -> list[Related]:
    if passed.what is None:
        return []
    choice = spot.choice
    if choice is not None and choice.outcome.endswith((" is true", " is false")):
        return [Related(passed.what.span, f"loaded here, only if line {choice.span.line} holds")]
    return [Related(passed.what.span, "loaded here, on other paths")]


# -- the end of the script


def at_end(walk: Walk, paths: list[Path]) -> None:
    """A boot script ends by starting a kernel, or says that it gives up (KX303)."""
    program = walk.program
    for path in paths:
        used(walk, path)
    script = program.script
    doubtful = program.resolved.unknown or walk.summary.adds_entries
    if not paths or doubtful or only_makes_names(script) or not _boots(program):
        return
    last = script.statements[-1]
    for path in paths:
        walk.evidence.hit("KX303", last.span, path, _tell_end, path.loaded.at)


def _boots(program: Program) -> bool:
    """Tell whether a script is one that boots: it loads or starts a kernel."""
    return any(
        called.command is not None and {"loads", "needs-loaded"} & set(called.command.effects)
        for called in program.resolved.calls.values()
    )


def _tell_end(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    error = ends_unstarted()
    message, label, related = "the script can end without starting a kernel", "", []
    if spot.hit.what is not None:
        message = "the script ends, and the kernel that it loaded is never started"
        related = [Related(spot.hit.what.span, "loaded here")]
    if spot.hit.trail is not None:
        label = f"the end is reached when {spot.hit.trail.choice.outcome}"
    report.add("KX303", message, spot.span, error.hint, label=label, related=related)


def report_replaced(report: Report, program: Program) -> None:
    """Tell of kernels that were loaded in vain."""
    for key, (first, second) in program.replaced.items():
        if key not in program.uses:
            report.add(
                "KX307",
                "this kernel takes the place of one that was never started",
                second.span,
                "remove one of the two, or start the first with `exec`",
                related=[Related(first.span, "loaded here, for nothing")],
            )
