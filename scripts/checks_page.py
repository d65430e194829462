"""Writes docs/checks.md from the records of the checker's codes (`make docs`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from kxsh.checker import codes as families
from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.checker.codes.dropped import DROPPED, OTHERWISE

PAGE = Path(__file__).resolve().parent.parent / "docs/checks.md"

_HEAD = """\
# What `kxsh --check` finds

<!-- Written by scripts/checks_page.py from the records in kxsh/checker/codes: change those,
then run `make docs`. -->

`kxsh --explain KX301` prints one of these at the prompt of your shell. [checking.md](checking.md)
tells how to check against an image, [language.md](language.md) what the words mean.

A finding is let stand by a comment on its line, or alone on the line above, with the reason:

```
load /dev/sda1:/vmlinuz   # kxs: allow KX601 the lab machine has one disk
```

`--fix` applies the fixes that are marked safe: the script then means what was surely meant.
`--fix --unsafe` applies the others too; look at the result. `--select KX3,KX601` looks for
nothing else, `--ignore KX102` leaves something out.
"""

_FIXES = {"safe": "safe fix", "unsafe": "unsafe fix", "": ""}


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "| code | | | |\n| --- | --- | --- | --- |"
    for code in CODES.values():
        notes = [_FIXES[code.fix], _facts(code)]
        told = ", ".join(note for note in notes if note)
        link = f"[{code.code}](#{code.code.lower()})"
        yield f"| {link} | {code.severity} | {_cell(code.title)} | {told} |"
    for heading, group in _groups():
        yield f"\n## {heading}\n"
        for code in group:
            yield from _code(code)
    if DROPPED:
        yield "\n## Dropped\n"
        yield "Planned, and not done: each would have been wrong or useless in practice.\n"
        for item in DROPPED:
            yield f"- **{item.code}, {item.title}.** {item.reason}"
        yield "\nPlanned, and done otherwise:\n"
        for item in OTHERWISE:
            yield f"- **{item.code}, {item.title}.** {item.reason}"


def _groups() -> Iterator[tuple[str, list[Code]]]:
    """Yield the families with their headings: the first line of each one's module."""
    for family in families._FAMILIES:
        heading = (family.__doc__ or "").strip().splitlines()[0].rstrip(".")
        group = sorted(family.CODES, key=lambda code: code.code)
        if group:
            yield heading, group


def _facts(code: Code) -> str:
    options = " or ".join(f"`--{fact}`" for fact in code.facts)
    return f"needs {options}" if options else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _code(code: Code) -> Iterator[str]:
    yield f"### {code.code}\n"
    notes = [code.severity, _FIXES[code.fix], _facts(code)]
    yield f"**{code.title[:1].upper()}{code.title[1:]}** ({', '.join(n for n in notes if n)})\n"
    if code.text:
        yield f"{code.text.strip()}\n"
    if code.bad:
        yield f"Found in:\n\n```\n{code.bad.rstrip()}\n```\n"
    if code.good:
        yield f"Better:\n\n```\n{code.good.rstrip()}\n```\n"


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
