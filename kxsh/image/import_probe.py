"""Runs in the target's interpreter and tells which modules kxsh needs there.

Started by `python_runtime` as a script, not imported: it must see only the standard
library and the folders it is given. Standard input: JSON with `folders` (of the packages),
`roots` (module names), `own` (prefix of modules whose every import counts), `followed`
(packages whose modules are read for imports too), `skipped` (prefixes never followed)
and `blocked` (modules treated as absent). Standard output: JSON, name -> file.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Iterator

TEXT_ENCODINGS = ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp437")


def main() -> None:
    """Import, follow, exercise, report."""
    job = json.load(sys.stdin)
    for name in job["blocked"]:
        sys.modules[name] = None  # type: ignore[assignment]
    sys.path.extend(job["folders"])
    errors = _follow(job)
    _exercise()
    files = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__":
            files[name] = file
    json.dump({"files": files, "errors": errors}, sys.stdout)


def _follow(job: dict[str, list[str]]) -> dict[str, str]:
    """Import the roots and what they import, also inside functions; return failures."""
    errors: dict[str, str] = {}
    queue = list(job["roots"])
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name in seen or _below(name, job["skipped"]):
            continue
        seen.add(name)
        try:
            module = importlib.import_module(name)
        except (ImportError, AssertionError) as error:  # a module asserts that this is Windows
            errors[name] = str(error)
            continue
        file = getattr(module, "__file__", None) or ""
        if file.endswith(".py") and _below(name, [*job["own"], *job["followed"]]):
            queue += _imports(file, name, hasattr(module, "__path__"))
    return errors


def _below(name: str, prefixes: list[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def _imports(file: str, name: str, is_package: bool) -> Iterator[str]:
    """Yield the modules that a source file imports; those for type checkers left out."""
    with open(file, encoding="utf-8") as stream:
        tree = ast.parse(stream.read())
    package = name if is_package else name.rpartition(".")[0]
    for node in _reached(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
            parts = [base] if node.level else []
            origin = ".".join([*parts, node.module] if node.module else parts)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _reached(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below `node` but what is there for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for other in child.orelse:
                yield from _reached(other)
            continue
        yield child
        yield from _reached(child)


def _exercise() -> None:
    """Use what imports more when it is used than when it is imported."""
    import codecs
    import traceback

    for encoding in TEXT_ENCODINGS:
        codecs.lookup(encoding)
    try:
        raise ValueError("an error with a traceback")
    except ValueError:
        traceback.format_exc()
    _prompt()


def _prompt() -> None:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output.vt100 import Vt100_Output

    class Discarded:
        encoding = "utf-8"

        def write(self, text: str) -> None: ...
        def flush(self) -> None: ...
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 1

    with create_pipe_input() as keys:
        keys.send_text("lo\t\x1b[A\x1b[B\x12lo\r\n")
        session: PromptSession[str] = PromptSession(
            input=keys,
            output=Vt100_Output(Discarded(), lambda: Size(24, 80), term="linux"),  # type: ignore[arg-type]
            completer=WordCompleter(["load", "loop"]),
            history=InMemoryHistory(["load"]),
            auto_suggest=AutoSuggestFromHistory(),
            complete_while_typing=True,
            multiline=False,
        )
        session.prompt("kxsh> ")


if __name__ == "__main__":
    main()
