"""Codes that no check finds: something ends with them while it runs."""

from __future__ import annotations

from kxsh.record import record


@record
class AtRun:
    """A code, what it stands for, and what that means and asks for, in paragraphs."""

    code: str
    title: str
    text: str


_ALL = (
    AtRun(
        "KX800",
        "failure",
        "A command could not do its work on this machine: something is not there, did not "
        "come in time, is refused, broken, or not what it should be. The line is right as it "
        "stands; it might work on another machine, or in a moment.\n\n"
        "The class of the failure says of what kind it is, and stands below the place: "
        "`not-found failure in ...`. A script can handle it: by `else { ... }` behind the "
        "call, by `try`, and not-found by `?` too.\n\n"
        "At the prompt `why` tells what the kernel said, what was tried and what to try next; "
        "`help CLASS` explains a class, such as `help not-found`.",
    ),
    AtRun(
        "KX899",
        "`recovery` was asked for",
        "The script said `recovery`, or a person chose it in a menu: this is no fault, and no "
        "`else` catches it. `retry` goes on with that line, `retry --skip` after it.",
    ),
    AtRun(
        "KX900",
        "one of kxsh's own tools cannot go on",
        "What was asked for cannot be done: the message says what is missing or wrong.",
    ),
    AtRun(
        "KX999",
        "fault in kxsh itself",
        "Python said something that kxsh did not expect: that is no fault of the script. What "
        "was mounted and set is still there, and the prompt goes on.\n\n"
        "`why` shows Python's own account of it; `why --save` writes it into a report for "
        "those who can mend it. Doing the same in another way may help meanwhile.",
    ),
)
AT_RUN: dict[str, AtRun] = {code.code: code for code in _ALL}
