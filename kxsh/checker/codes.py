"""The codes of findings: how grave each is, and its title in lists."""

from __future__ import annotations

from kxsh.diagnostics import Severity

# A code stands for one kind of mistake; KX012 and KX107 are graver in some places.
CODES: dict[str, tuple[Severity, str]] = {
    "KX000": ("error", "not kxs"),
    "KX001": ("error", "assignment of another language"),
    "KX002": ("error", "`&&` or `||`"),
    "KX003": ("error", "`$( )` or backticks"),
    "KX004": ("error", "`[ ]`, then, fi, do, done"),
    "KX005": ("error", "redirection, pipe or background job"),
    "KX006": ("error", "goto or a label"),
    "KX007": ("error", "unclosed quote"),
    "KX008": ("error", "unknown escape"),
    "KX009": ("error", "bare word in an expression"),
    "KX010": ("error", "another loader's command"),
    "KX011": ("error", "typographic or invisible character"),
    "KX012": ("warning", "edition missing or newer"),
    "KX013": ("warning", "`on-failure` after the first lines"),
    "KX101": ("error", "undefined variable"),
    "KX102": ("warning", "unused variable, function or import"),
    "KX103": ("warning", "a name hides another"),
    "KX104": ("error", "variable of a block that has ended"),
    "KX105": ("error", "value that may be null"),
    "KX106": ("error", "wrong type"),
    "KX107": ("error", "unknown field"),
    "KX108": ("warning", "comparison that is never true"),
    "KX109": ("error", "change of what is fixed"),
    "KX110": ("error", "functions call each other too deeply"),
    "KX111": ("error", "break, continue or return with nothing to leave"),
    "KX112": ("error", "a file imports itself"),
    "KX201": ("error", "unknown command"),
    "KX202": ("error", "unknown option"),
    "KX203": ("error", "missing or extra argument"),
    "KX204": ("error", "value outside its set"),
    "KX205": ("error", "repeated option"),
    "KX301": ("error", "exec without a loaded kernel"),
    "KX303": ("error", "the script ends without starting a kernel"),
    "KX507": ("error", "file not there"),
    "KX702": ("error", "duplicate entry"),
    "KX703": ("error", "default or fallback names no entry"),
    "KX704": ("error", "entry outside a menu"),
    "KX903": ("error", "not UTF-8"),
}


def severity_of(code: str) -> Severity:
    """Return how grave a code is; one that is not listed is an error."""
    return CODES[code][0] if code in CODES else "error"
