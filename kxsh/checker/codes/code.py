"""One kind of finding, and all that is told of it."""

from __future__ import annotations

from kxsh.diagnostics import Severity
from kxsh.record import record


@record
class Code:
    """A code of the checker's: `--explain`, docs/checks.md and the outputs read this.

    `text` says what is found and why it is bad, in paragraphs. `bad` is a whole script in
    which exactly this code is found, `good` its cure, in which nothing is. `fix` is how
    far ``--fix`` can cure it: ``safe``, ``unsafe`` (asks for --unsafe) or empty.
    `facts` are the options of which one has to supply what the check knows the world
    by (``image``, ``esp``, ``initramfs``); without any it is silent.
    """

    code: str
    severity: Severity
    title: str
    text: str = ""
    bad: str = ""
    good: str = ""
    fix: str = ""
    facts: tuple[str, ...] = ()
