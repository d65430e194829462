"""`kxsh help [TOPIC]`: a command, a library module or a finding's code, as at the prompt."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kxsh.errors import NotFound
from kxsh.text import display


def is_call(words: Sequence[str]) -> bool:
    """Tell whether a command line is `kxsh help ...`; a script of that name is ./help."""
    return words[:1] == ["help"] and len(words) <= 2 and not os.path.exists("help")


def know_codes() -> None:
    """Let the command `help` tell of codes such as KX405."""
    from kxsh.commands import help

    if _code not in help.others:
        help.others.append(_code)


def _code(topic: str) -> str:
    if not topic.upper().startswith("KX"):
        return ""
    from kxsh.checker.codes.explanation import explained

    return "\n".join(explained(topic.upper()))


def run(topics: Sequence[str]) -> int:
    """Print the help on a topic, or the list of all; return 2 where there is none."""
    from kxsh.commands import help

    know_codes()
    try:
        print(help.explain(topics[0]) if topics else help.overview())
    except NotFound as error:
        print(f"kxsh: {display(error.message)}: {display(error.hint)}", file=sys.stderr)
        return 2
    return 0
