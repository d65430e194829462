"""What is opened and not used: KX313, KX314; and what needs a module too early: KX212."""

from __future__ import annotations

from kxsh.checker.flow.evidence import Spot
from kxsh.checker.flow.state import quoted
from kxsh.checker.report import Report
from kxsh.errors import Related
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Given, Use
    from kxsh.checker.flow.program import Program
    from kxsh.checker.flow.walk import Walk

# Parameters by which a command reaches for devices, or for the network.
_DEVICES = frozenset(("device", "spec"))
# Commands that look at devices though nobody names one.
_LOOKING = frozenset(("devices", "wait", "lvm-activate", "md-assemble", "entries"))
# Filesystem type -> the module that knows it, where that has another name.
_MODULES = {"iso9660": "isofs", "ext2": "ext4", "ext3": "ext4", "ntfs": "ntfs3"}
# Command -> the module without which it cannot work.
_NEEDS = {"luks-open": "dm_crypt", "lvm-activate": "dm_mod", "loop-open": "loop"}


def look(walk: Walk, use: Use) -> None:
    """Note what a command opens, and what it uses of what was opened before."""
    program, name = walk.program, use.command.name
    if name == "run":
        _program(program, use)
    elif "writes" in use.command.effects:
        program.touched |= {key for key, node in program.opened.items() if node.name == "mount"}
    elif "modules" in use.command.effects:
        _modprobe(walk, use)
    _reach(program, use)
    if "opens" in use.command.effects:
        writable = "mounts" not in use.command.effects or use.has("rw")
        if writable:
            program.opened[id(use.node)] = use.node


def _program(program: Program, use: Use) -> None:
    """A program may use any device; of the mounts those that it is given, if it is."""
    given = {id(place.made) for item in use.every() for place in item.value.touches}
    for key, node in program.opened.items():
        if node.name != "mount" or not given or key in given:
            program.touched.add(key)


def any_use(program: Program) -> None:
    """Take a call that nobody looks into: it may use all that is open."""
    program.touched |= program.opened.keys()


def _reach(program: Program, use: Use) -> None:
    """Mark the devices and the network as used by a command that reaches for them."""
    kinds = {bound.parameter.type.name for bound in use.called.bound.values()}
    devices = bool(kinds & _DEVICES) or use.command.name in _LOOKING
    written = any(_names_device(item) for item in use.every())
    for key, node in program.opened.items():
        if node.name == "net-up":
            if "url" in kinds:
                program.touched.add(key)
        elif node.name != "mount" and (devices or written):
            program.touched.add(key)
    if use.command.name == "state":
        program.touched |= {key for key, node in program.opened.items() if node.name == "mount"}


def _names_device(item: Given) -> bool:
    """Tell whether a path may begin with a device, as `LABEL=X:/file`."""
    if item.value.touches:
        return False
    head = item.node.value if isinstance(item.node, ast.Literal) else None
    return ":/" in head if isinstance(head, str) else isinstance(item.node, ast.Text)


def report_unused(report: Report, program: Program) -> None:
    """Tell of what was opened for nothing."""
    for key, node in program.opened.items():
        if key in program.touched:
            continue
        if node.name == "mount":
            report.add(
                "KX313",
                "this is mounted for writing, and nothing writes to it",
                node.span,
                "without `--rw` it is read-only, and nothing on it can be damaged",
            )
        else:
            report.add(
                "KX314",
                f"`{node.name}` opens something that nothing uses",
                node.span,
                "remove it, or mount what it gives",
            )


# -- modules


def need(use: Use) -> None:
    """Note the module that a command needed to work."""
    from kxsh.checker.flow.mounts import literal

    module = _NEEDS.get(use.command.name, "")
    if use.command.name == "mount":
        fstype = literal(use.first("type")) or ""
        module = _MODULES.get(fstype, fstype)
    if module and module not in use.path.needed:
        use.path.needed = {**use.path.needed, module.replace("-", "_"): use.node}


def _modprobe(walk: Walk, use: Use) -> None:
    """A module that is loaded after the command that needed it (KX212)."""
    from kxsh.checker.flow.mounts import literal

    module = (literal(use.first("module")) or "").replace("-", "_")
    before = use.path.needed.get(module)
    if before is None:
        walk.evidence.passed("KX212", use.node.span, use.path)
    else:
        walk.evidence.hit("KX212", use.node.span, use.path, _tell_late, before)


def _tell_late(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    if spot.passed is not None:
        return
    before = spot.hit.what
    report.add(
        "KX212",
        f"this comes after the {quoted(before.name_span)} that needs it",
        spot.span,
        "load the module first",
        related=[Related(before.span, "needs it here")],
    )
