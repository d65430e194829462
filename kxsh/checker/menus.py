"""Menus: entries inside a menu, each with its own id, defaults that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kxsh.checker.scope import Scope
from kxsh.commands import COMMANDS
from kxsh.signature import Bound
from kxsh.syntax import ast
from kxsh.usage import duplicate_entry, duplicate_key, entry_outside_menu, no_such_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.walk import Walker


def check(
    walker: Walker,
    node: ast.Call,
    block: ast.Block | None,
    bound: Mapping[str, Bound],
    scope: Scope,
) -> None:
    """Check the block of a command, and what `menu` and `entry` ask of each other."""
    if node.name == "entry" and walker.place.menu is False:
        walker.report.add_error(entry_outside_menu(), node.span)
    _check_unattended(walker, node, bound)
    if node.name == "menu" and block is not None:
        _check_ids(walker, node, block, bound)
    if block is not None:
        with walker.inside(
            menu=True if node.name == "menu" else None,
            # An entry's block runs when the loops around it are over.
            loop=False if node.name == "entry" else None,
        ):
            walker.block(block, scope)
    if node.name == "menu" and block is not None:
        _check_keys(walker, block)
        _check_asking(walker, node, block, bound)


# Commands that ask somebody, unless one of these options is given.
_ASKING = {
    "menu": ("timeout",),
    "luks-open": ("timeout", "key-file", "passphrase"),
}


def _check_unattended(walker: Walker, node: ast.Call, bound: Mapping[str, Bound]) -> None:
    """In a script that restarts by itself, nothing may wait for a person for ever."""
    options = _ASKING.get(node.name)
    if options is None or walker.prompt or not walker.around.unattended:
        return
    spread = any(argument.kind == "spread" for argument in node.arguments)
    if spread or walker.place.menu is not False or any(name in bound for name in options):
        return
    if node.name == "menu":
        walker.report.add(
            "KX701",
            "this menu waits for a person for ever, and `on-failure` says that nobody is there",
            node.span,
            "`--timeout 10s` starts the default, `--default ID` says which that is",
        )
    else:
        walker.report.add(
            "KX705",
            "this asks a person for 2 minutes, and `on-failure` says that nobody is there",
            node.span,
            f"say how long: `--timeout 1m`; or give what it asks for: `--{options[1]} FILE`",
        )


def _check_keys(walker: Walker, block: ast.Block) -> None:
    seen: set[str] = set()
    for statement in block.statements:
        if not isinstance(statement, ast.CallStatement) or statement.call.name != "entry":
            continue
        called = walker.resolved.of(statement.call)
        given = called.bound.get("key") if called else None
        key = _literal(getattr(given.items[0].value, "node", None)) if given else None
        if key and key in seen:
            walker.report.add_error(duplicate_key(key), statement.call.span)
        if key:
            seen.add(key)


def _check_ids(
    walker: Walker, node: ast.Call, block: ast.Block, bound: Mapping[str, Bound]
) -> None:
    seen: dict[str, None] = {}  # in the order of the script
    for statement, id in _literal_entries(block):
        if id in seen:
            walker.report.add_error(duplicate_entry(id), statement.call.span)
        seen[id] = None
    if not seen or not all(_adds_known(statement) for statement in block.statements):
        return
    for option in ("default", "fallback"):
        wanted = _given(bound, option)
        if wanted is not None and wanted not in seen:
            walker.report.add_error(no_such_entry(option, wanted, seen), node.span)


def _check_asking(
    walker: Walker, node: ast.Call, block: ast.Block, bound: Mapping[str, Bound]
) -> None:
    """A fallback starts unasked, so it is none that wants to be asked for once more."""
    fallback = _given(bound, "fallback")
    if fallback is None or fallback == _given(bound, "default"):
        return
    for statement, id in _literal_entries(block):
        called = walker.resolved.of(statement.call)
        if id == fallback and called and "confirm" in called.bound:
            walker.report.add(
                "KX707",
                f"the fallback `{id}` has `--confirm`, so it never starts: nobody is asked then",
                node.span,
                "leave `--confirm` out, or name another `--fallback`",
            )


def _given(bound: Mapping[str, Bound], option: str) -> str | None:
    """Return an option's value where it stands in the script as it is."""
    given = bound.get(option)
    return _literal(getattr(given.items[0].value, "node", None)) if given else None


def _literal_entries(block: ast.Block) -> Iterator[tuple[ast.CallStatement, str]]:
    for statement in block.statements:
        if isinstance(statement, ast.CallStatement) and statement.call.name == "entry":
            id = _literal(_first_word(statement.call))
            if id is not None:
                yield statement, id


def _first_word(call: ast.Call) -> ast.Expression | None:
    first = call.arguments[0] if call.arguments else None
    return first.value if first is not None and first.kind == "word" else None


def _literal(node: object) -> str | None:
    value = node.value if isinstance(node, ast.Literal) else None
    return value if isinstance(value, str) else None


def _adds_known(statement: ast.Statement) -> bool:
    """Tell whether a statement adds no entry, or one whose id is written."""
    if isinstance(statement, ast.Let | ast.Set):
        return True
    if not isinstance(statement, ast.CallStatement) or statement.handlers:
        return False
    if statement.call.name == "entry":
        return _literal(_first_word(statement.call)) is not None
    return statement.call.name in COMMANDS and statement.block is None
