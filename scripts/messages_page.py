"""Writes docs/messages.md from data/messages.txt and what `why` explains (`make docs`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from kxsh.console.help import messages
from kxsh.console.help.messages import Message
from kxsh.console.script import why
from kxsh.errors import errno_name

PAGE = Path(__file__).resolve().parent.parent / "docs/messages.md"

_HEAD = """\
# What kxsh says

<!-- Written by scripts/messages_page.py from data/messages.txt and kxsh/console/script/why.py:
change those, then run `make docs`. -->

Every message of the loader, the prompt and the menu: what it means, and what to do. `...` stands
for what differs each time. On the machine itself `help "nothing is loaded yet"` tells the same:
the text as it was seen, or some of its words, in quotes; `help messages` shows all.

An error has a code in brackets, as `error[KX405]`: `help KX405` explains it at the prompt,
[checks.md](checks.md) here. Below it stand its place, the class of the failure, and mostly what
to try; `why` tells more.
"""
_NUMBERS = """\
## What the kernel answers

An error of the kernel comes with its name. `why` and `help EIO` explain it.

| | |
| --- | --- |"""
_CLASSES = """\
## Classes of failures

Which of them a command can fail with is told in [builtins.md](builtins.md), how a script handles
them in [language.md](language.md).

| | |
| --- | --- |"""


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    part = ""
    for message in messages.messages():
        if message.part != part:
            yield f"\n## {message.part}\n" if part else f"## {message.part}\n"
            part = message.part
            yield "| what it says | what it means | what to do |\n| --- | --- | --- |"
        yield _row(message)
    yield f"\n{_NUMBERS}"
    for number, meaning in why.ERRNOS.items():
        yield f"| `{errno_name(number)}` | {_cell(meaning)} |"
    yield f"\n{_CLASSES}"
    for name, meaning in why.CLASSES.items():
        yield f"| {name} | {_cell(meaning)} |"


def _row(message: Message) -> str:
    said = "<br>".join(_code(text) for text in message.texts)
    return f"| {said} | {_cell(message.meaning)} | {_cell(message.do)} |"


def _code(text: str) -> str:
    """Return a message as code, whatever signs are in it."""
    text = text.replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _cell(text: str) -> str:
    """Return a text for a table's cell: what stands for itself outside of code is escaped."""
    pieces = re.split(r"(`[^`]*`)", text.replace("|", "\\|"))
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([*_<])", r"\\\1", piece) for piece in pieces
    )


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
