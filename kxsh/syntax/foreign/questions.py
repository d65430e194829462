"""`exists FILE && a || b`: a command that answers a question, and does not fail on a no."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_PLAIN = r"(?:[^&|;{}\n\"'#]|\"[^\"\n]*\"|'[^'\n]*'|\$\{[^{}\n]*\})+"
_ASKING = re.compile(r"(?:not[ \t]+)?exists\b(?![\w.-])")
# A `not` in front has parentheses around it; what is handled is no plain question.
_WHOLE = re.compile(rf"(exists[ \t]{_PLAIN})(&&|\|\|)({_PLAIN}(?:&&{_PLAIN})*)(\|\|({_PLAIN}))?")
_END = re.compile(r"[ \t]*(?:[;\n}]|#|$)")
_EMPTY = ("true", ":", "")


def asks(text: str, start: int) -> bool:
    """Tell whether a statement that begins at a place gives a bool: as many shells' commands
    do by their status, and a function of the script may."""
    if _ASKING.match(text, start):
        return True
    name = re.compile(r"[A-Za-z_][\w-]*").match(text, start)
    return name is not None and bool(
        re.compile(rf"^[ \t]*fn[ \t]+{re.escape(name.group())}(?![\w-])", re.MULTILINE).search(text)
    )


def question(place: Place, start: int) -> Fix | None:
    """Return the fix that makes an `if` of the statement at `start`, where that is all of it."""
    found = _WHOLE.match(place.text, start)
    if found is None or found.start(2) != place.offset or not _END.match(place.text, found.end()):
        return None
    asked, sign, then, _, other = (part.strip() if part else "" for part in found.groups())
    if " else" in asked or (sign == "||" and (other or "&&" in then)):
        return None
    if (other and "&&" in then) or then in _EMPTY or (found.group(4) and other in _EMPTY):
        return None
    written = f"if {'not ' if sign == '||' else ''}{asked} {{ {then} }}"
    if other:
        written += f" else {{ {other} }}"
    end = found.start() + len(found.group().rstrip())
    edit = Edit(place.span(found.start(), end), written)
    return Fix(f"write `{written}`", (edit,), safe=False)
