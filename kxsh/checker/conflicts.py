"""Options of one call that contradict each other: KX205."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kxsh.errors import UsageError
from kxsh.signature import Bound
from kxsh.syntax import ast
from kxsh.usage import mount_conflict, two_keys


def conflict(name: str, bound: Mapping[str, Bound]) -> UsageError | None:
    """Return the error for a command's options that exclude each other, or None."""
    look = _CONFLICTS.get(name)
    return look(bound) if look else None


def _mount(bound: Mapping[str, Bound]) -> UsageError | None:
    options = _literal(bound.get("options"))
    return mount_conflict(options.split(","), "rw" in bound) if options else None


def _luks(bound: Mapping[str, Bound]) -> UsageError | None:
    return two_keys() if "key-file" in bound and "passphrase" in bound else None


def _literal(bound: Bound | None) -> str:
    node = getattr(bound.items[0].value, "node", None) if bound else None
    value = node.value if isinstance(node, ast.Literal) else None
    return value if isinstance(value, str) else ""


_CONFLICTS: dict[str, Callable[[Mapping[str, Bound]], UsageError | None]] = {
    "mount": _mount,
    "luks-open": _luks,
}
