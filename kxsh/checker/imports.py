"""Imports: is the file there, and which functions does it bring?"""

from __future__ import annotations

from kxsh.checker import names
from kxsh.checker.resolved import only_makes_names
from kxsh.checker.scope import ModuleName, Scope
from kxsh.errors import Failure, ParseError
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_script
from kxsh.text import display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.walk import Walker


def check_import(walker: Walker, node: ast.Import) -> ModuleName:
    """Check the imported file too; return the functions that it brings."""
    if walker.find_import is None:
        return ModuleName(None, node.span)
    if node.path in walker.importing:
        walker.report.add("KX112", f"{display(node.path)} imports itself", node.span)
        return _unread(node)
    try:
        script = parse_script(walker.find_import(node.path))
    except ParseError as error:
        walker.report.add_error(error, node.span)
        return _unread(node)
    except Failure as error:
        walker.report.add("KX507", error.message, node.span, error.hint)
        return _unread(node)
    walker.resolved.scripts.append(script)
    made = ModuleName(_scope(walker, node.path, script).functions, node.span)
    if only_makes_names(script):
        walker.resolved.libraries.add(id(node))
    else:
        made.used = True  # it is imported for what it does
    return made


def _unread(node: ast.Import) -> ModuleName:
    """Return an import of which nothing is known: that it is not used is no news."""
    made = ModuleName(None, node.span)
    made.used = True
    return made


def _scope(walker: Walker, path: str, script: ast.Script) -> Scope:
    inner = type(walker)(
        walker.report,
        walker.widened,
        walker.find_import,
        (*walker.importing, path),
        facts=walker.facts,
    )
    inner.resolved = walker.resolved
    scope = Scope(inner.globals)
    inner.statements(script.statements, scope)
    for over in inner.over:
        names.report_unused(walker.report, over)
    names.report_unused(walker.report, scope, exported=True)
    walker.changed |= inner.changed
    return scope
