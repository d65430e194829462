"""A change to an image: bytes at an offset. What edits an image returns these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """`data` goes to byte `offset`; `what` is for people, when it cannot be verified."""

    offset: int
    data: bytes
    what: str
