"""Every text that the console may say, read from its source: literals that look like
sentences, with ``...`` where something is filled in."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Their texts are help, and looked up by other names.
_HELP_PAGES = {"topics.py", "key_pages.py", "help.py"}
# Calls whose texts are declarations, patterns or colours.
_DECLARING = {"argument", "flag", "option", "optional", "Parameter", "from_dict", "compile"}
# What an error or a finding says beside its message.
_BESIDE = {"hint", "help", "examples"}
# What is said with one word.
_SAYING = {"say", "warn", "_say", "_finish", "_status", "write"}
_PLACEHOLDER = re.compile(r"(?<!\\)\{[a-z_]*(?::[^{}]*)?\}")
_WORD = re.compile(r"[A-Za-z]{2}")


def sources() -> list[Path]:
    """Return the modules that say something while the machine starts and is mended."""
    found = sorted((ROOT / "kxsh/console").rglob("*.py"))
    others = [
        ROOT / "kxsh" / name
        for name in (
            "init.py",
            "options.py",
            "machine/origin.py",
            "machine/supervisor.py",
            "commands/leaving.py",
        )
    ]
    return [*others, *(path for path in found if path.name not in _HELP_PAGES)]


def told_by_init() -> Iterator[str]:
    """Yield what the loader's ``/init`` says, a shell script."""
    text = (ROOT / "kxsh/image/init.sh").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip().startswith("tell "):
            for said in filter(None, shlex.split(line.removesuffix(" &"))[1:]):
                yield " ".join(re.sub(r"\$\w+", "...", said).split())


def spoken(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each literal of a module that a person may see."""
    tree = ast.parse(text)
    yield from _texts(tree, said=False)


def _texts(node: ast.AST, *, said: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.JoinedStr) or _is_text(node):
        shown = shape(node)
        if _WORD.search(shown) and (said or " " in shown):
            yield getattr(node, "lineno", 0), shown
        for part in ast.walk(node):
            if isinstance(part, ast.FormattedValue):
                yield from _texts(part.value, said=False)
        return
    if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_DECLARED":
        return  # the commands with their examples
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in _DECLARING:
            return
        said = name in _SAYING
    for child in _children(node):
        yield from _texts(child, said=said and not isinstance(child, ast.Call))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may hold texts: no docstrings, no names of types, no hints."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and _is_text(child.value):
            continue
        if isinstance(child, ast.keyword) and child.arg in _BESIDE:
            continue
        yield child


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def shape(node: ast.AST) -> str:
    """Return a literal's text as messages are written down: ``...`` for what varies."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            value = part.value
            value = value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value)
            text += _PLACEHOLDER.sub("...", value)
        else:
            text += "..."
    joined = " ".join(re.sub(r"(?:\.{3})+", "...", text).split())
    return re.sub(r"\.{3}(?: \.{3})+", "...", joined)
