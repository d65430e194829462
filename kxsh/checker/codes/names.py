"""Names and types."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX101", "error", "undefined variable"),
    Code("KX102", "warning", "unused variable, function or import"),
    Code("KX103", "warning", "a name hides another"),
    Code("KX104", "error", "variable of a block that has ended"),
    Code("KX105", "error", "value that may be null"),
    Code("KX106", "error", "wrong type"),
    Code("KX107", "error", "unknown field"),
    Code("KX108", "warning", "comparison that is never true"),
    Code("KX109", "error", "change of what is fixed"),
    Code(
        "KX110",
        "warning",
        "recursion without an end",
        "Each call of this function leads to another call of it, on every path. kxs has no "
        "further use for that than the 100 calls that may stand inside one another: the next "
        "one ends the script, as an error that nothing handles.\n\n"
        "Return, or go to `recovery`, on the path where there is nothing left to do; to do "
        "something again and again, write a loop.",
        bad="kxs 1\nfn again() {\n  say waiting\n  sleep 1s\n  again\n}\nagain\n",
        good="kxs 1\nwhile true {\n  say waiting\n  sleep 1s\n}\n",
    ),
    Code("KX111", "error", "break, continue or return with nothing to leave"),
    Code("KX112", "error", "a file imports itself"),
)
