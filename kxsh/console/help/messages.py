"""What each message means and what to do about it: the list in data/messages.txt.

docs/messages.md is made from it, and `help "TEXT"` looks in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh import resources
from kxsh.record import record

_VARIES = "..."
# A message of fewer own letters is looked for as a whole only: others contain it by chance.
_TELLING = 12
_NONE = (0, 0)


@record
class Message:
    """`texts`: as they are said, ``...`` for what varies; `meaning`, and what to `do` about
    it (empty: nothing)."""

    part: str
    texts: Sequence[str]
    meaning: str
    do: str


def messages() -> list[Message]:
    """Return all messages, part by part."""
    with open(resources.messages_path(), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    found: list[Message] = []
    part = ""
    for block in "\n".join(lines).split("\n\n"):
        texts = [line for line in block.splitlines() if line.strip()]
        if texts and texts[0].startswith("== "):
            part = texts.pop(0)[3:]
        about = [line.strip() for line in texts if line.startswith(" ")]
        said = tuple(line for line in texts if not line.startswith(" "))
        meaning = " ".join(line for line in about if not line.startswith("> "))
        advice = " ".join(line[2:] for line in about if line.startswith("> "))
        if said:
            found.append(Message(part, said, meaning, advice))
    return found


def find(text: str) -> list[Message]:
    """Return what a text seen on the screen is: the messages that it is, or that stand in
    it; else those that have all of its words."""
    wanted = " ".join(text.split()).casefold()
    ranked = [(max(_rank(one, wanted) for one in message.texts), message) for message in messages()]
    best = max(rank for rank, _ in ranked)
    if best > _NONE:
        return [message for rank, message in ranked if rank == best]
    words = wanted.split()
    return [
        message
        for _, message in ranked
        if words and any(all(word in one.casefold() for word in words) for one in message.texts)
    ]


def _rank(message: str, wanted: str) -> tuple[int, int]:
    """Return how well a message fits a text: as a whole, as a part, with how many letters."""
    own = message.casefold().split(_VARIES)
    letters = sum(map(len, own))
    pattern = ".*".join(re.escape(piece) for piece in own)
    if re.fullmatch(pattern, wanted):
        return 2, letters
    if letters >= _TELLING and re.search(pattern, wanted):
        return 1, letters
    return _NONE


def page(found: Sequence[Message]) -> str:
    """Return messages with what they mean and what to do, as `help` shows them."""
    lines: list[str] = []
    part = ""
    for message in found:
        if message.part != part:
            part = message.part
            lines += ["", f"{part}:"]
        lines.append("")
        lines += [f"  {text}" for text in message.texts]
        lines += [f"      {told}" for told in (message.meaning, message.do) if told]
    return "\n".join(lines).strip("\n")
