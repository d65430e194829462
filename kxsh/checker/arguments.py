"""What a call's arguments say about the world: command lines, paths, devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kxsh.checker.constants import UNKNOWN, constant, evaluate
from kxsh.commands import COMMANDS
from kxsh.signature import Bound, Parameter, Signature
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.scope import Scope
    from kxsh.checker.walk import Walker


class Argument:
    """One argument of a call: its node, where it stands, what is known of its value."""

    __slots__ = ("node", "parameter", "span", "value")

    def __init__(self, parameter: Parameter, node: ast.Expression, span: Span, value: object):
        self.parameter = parameter
        self.node = node
        self.span = span
        self.value = value


class Call:
    """A call whose arguments are looked at; `given` by parameter name.

    `complete` is false where a spread list may have brought any of them.
    """

    __slots__ = ("command", "complete", "given", "node", "scope", "walker")

    def __init__(self, walker: Walker, node: ast.Call, command: str, scope: Scope) -> None:
        self.walker = walker
        self.node = node
        self.command = command
        self.scope = scope
        self.given: dict[str, list[Argument]] = {}
        self.complete = True

    def argument(self, name: str) -> Argument | None:
        """Return the first argument of a parameter."""
        found = self.given.get(name)
        return found[0] if found else None

    def all(self) -> Iterator[Argument]:
        for found in self.given.values():
            yield from found

    @property
    def handled(self) -> bool:
        """Tell whether the script goes on where this call fails."""
        return self.walker.around.is_handled(self.node)


def check(
    walker: Walker, signature: Signature, node: ast.Call, bound: Mapping[str, Bound], scope: Scope
) -> None:
    """Check what the arguments of a call mean; their types were checked before."""
    command = COMMANDS.get(node.name)
    own = command is not None and command.signature is signature
    call = Call(walker, node, node.name if own else "", scope)
    for name, given in bound.items():
        call.given[name] = []
        for item in given.items:
            expression = getattr(item.value, "node", None)
            if item.kind == "spread":
                call.complete = False
            elif given.parameter.kind == "flag":
                call.given[name].append(
                    Argument(given.parameter, ast.Literal(item.span, True), item.span, True)
                )
            elif expression is not None:
                value = evaluate(walker, expression, scope)
                call.given[name].append(Argument(given.parameter, expression, item.span, value))
    _dispatch(call)


def _dispatch(call: Call) -> None:
    for argument in call.all():
        look = _BY_TYPE.get(argument.parameter.type.name)
        if look is not None and argument.value is not UNKNOWN:
            look(call, argument)
    look_at_call = _BY_COMMAND.get(call.command)
    if look_at_call is not None:
        look_at_call(call)


# The modules are imported where a script has something for them.


def _path(call: Call, argument: Argument) -> None:
    from kxsh.checker.places import check_path

    check_path(call, argument)
    facts = call.walker.facts
    if facts is not None:
        from kxsh.checker import world

        world.check_path(call, argument, facts)


def _device(call: Call, argument: Argument) -> None:
    from kxsh.checker.devices import check_device

    check_device(call, argument)
    facts = call.walker.facts
    if facts is not None:
        from kxsh.checker import world

        world.check_device(call, argument, facts)


def _cmdline(call: Call, argument: Argument) -> None:
    from kxsh.checker.cmdline import check_cmdline

    check_cmdline(call, argument)


def _settings(call: Call) -> None:
    if call.command == "cmdline":
        action = call.argument("action")
        if action is None or constant(action.value) != "set":
            return
    settings = [*call.given.get("set", ()), *call.given.get("words", ())]
    if settings:
        from kxsh.checker.cmdline import check_setting

        for setting in settings:
            check_setting(call, setting)


def _load(call: Call) -> None:
    if "cmdline" in call.given:
        from kxsh.checker.cmdline import check_load

        check_load(call)
    _settings(call)
    if call.walker.facts is not None:
        from kxsh.checker.boots import check_boot

        check_boot(call, call.walker.facts)


def _choice(call: Call) -> None:
    _settings(call)
    if call.walker.facts is not None:
        from kxsh.checker.boots import check_choice

        check_choice(call, call.walker.facts)


def _modprobe(call: Call) -> None:
    if call.walker.facts is not None:
        from kxsh.checker.world import check_module

        check_module(call, call.walker.facts)


def _run(call: Call) -> None:
    if call.walker.facts is not None:
        from kxsh.checker.world import check_program

        check_program(call, call.walker.facts)


def _has(call: Call) -> None:
    kind, name = call.argument("kind"), call.argument("name")
    asked = constant(kind.value) if kind is not None else None
    wanted = constant(name.value) if name is not None else None
    if name is None or asked is None or wanted is None:
        return
    from kxsh.usage import probe_fault

    fault = probe_fault(asked, wanted)
    if fault is not None:
        call.walker.report.add("KX204", fault.message, name.span, fault.hint)


_BY_TYPE: dict[str, Callable[[Call, Argument], None]] = {
    "path": _path,
    "kernel": _path,
    "device": _device,
    "spec": _device,
    "cmdline": _cmdline,
}


def _search(call: Call) -> None:
    from kxsh.checker.devices import check_search

    check_search(call)
    if call.command == "part" and call.walker.facts is not None:
        from kxsh.checker.world import check_part

        check_part(call, call.walker.facts)


def _mount(call: Call) -> None:
    if "rw" in call.given:
        from kxsh.checker.trust import check_writable

        check_writable(call)
    if "type" in call.given:
        from kxsh.checker.filesystems import check_type

        check_type(call)
        if call.walker.facts is not None:
            from kxsh.checker.world import check_mount

            check_mount(call, call.walker.facts)


def _fetch(call: Call) -> None:
    from kxsh.checker.trust import check_fetch

    check_fetch(call)


def _luks(call: Call) -> None:
    if "passphrase" in call.given:
        from kxsh.checker.trust import check_passphrase

        check_passphrase(call)


def _lock(call: Call) -> None:
    from kxsh.checker.trust import check_lock

    check_lock(call)


_BY_COMMAND: dict[str, Callable[[Call], None]] = {
    "devices": _search,
    "findfs": _search,
    "part": _search,
    "mount": _mount,
    "fetch": _fetch,
    "luks-open": _luks,
    "lock": _lock,
    "modprobe": _modprobe,
    "has": _has,
    "run": _run,
    "load": _load,
    "plan": _load,
    "boot": _load,
    "cmdline": _settings,
    "grep-cmdline-from-isolinux": _choice,
    "isolinux-entry": _choice,
    "grub-entry": _choice,
    "bls-entry": _choice,
}
