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


def run(topics: Sequence[str]) -> int:
    """Print the help on a topic, or the list of all; return 2 where there is none."""
    from kxsh.checker.codes import CODES
    from kxsh.cli.explain import explain
    from kxsh.commands.help import explain as explain_command
    from kxsh.commands.help import overview

    if topics and topics[0].upper() in CODES:
        return explain(topics)
    try:
        print(explain_command(topics[0]) if topics else overview())
    except NotFound as error:
        print(f"kxsh: {display(error.message)}: {display(error.hint)}", file=sys.stderr)
        return 2
    return 0
