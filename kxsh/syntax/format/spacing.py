"""Which two tokens on a line have a blank between them."""

from __future__ import annotations

from kxsh.syntax.format.pieces import Leaf

OPENING = frozenset(("LPAR", "LSQB"))
CLOSING = frozenset(("RPAR", "RSQB"))
# A value may end with these: what follows is an operator, an index or a field.
_CONSTANTS = frozenset(("TRUE", "FALSE", "NULL"))
_OPERANDS = CLOSING | _CONSTANTS | frozenset("VAR BRACED STRING NUMBER UNIT NAME".split())


class Spacing:
    """Walks over the leaves of one statement, in order.

    Inside a call every argument stands alone; elsewhere brackets, dots and signs belong
    to their neighbours. `( )` and `[ ]` have a call, or none, of their own.
    """

    def __init__(self) -> None:
        self._in_call = False
        self._outer: list[bool] = []
        self._before: Leaf | None = None
        self._sign = False

    def glued(self, leaf: Leaf) -> bool:
        """Take the next leaf; tell whether it touches the one before it."""
        before, self._before = self._before, leaf
        if leaf.type in CLOSING:
            self._in_call = self._outer.pop()
        glued = before is not None and self._touches(before, leaf)
        self._sign = leaf.type == "SUMOP" and (before is None or before.type not in _OPERANDS)
        if leaf.type in OPENING:
            self._outer.append(self._in_call)
            self._in_call = False
        elif leaf.type == "CMD":
            self._in_call = before is None or before.type not in ("FN", "AS")
        elif leaf.type in ("ELSE", "COMMA"):
            self._in_call = False
        return glued

    def end_block(self) -> None:
        """Take a block: what follows it is no operand, and no part of the call."""
        self._before, self._in_call, self._sign = None, False, False

    def _touches(self, before: Leaf, leaf: Leaf) -> bool:
        if leaf.type in CLOSING or before.type in OPENING:
            return True
        if before.text == "...":
            return before.type != "WORD" or leaf.text[0] in "$(["
        if self._in_call:
            return False
        if leaf.type in ("COMMA", "COLON", "MAYBE") or before.type == "DOT":
            return True
        if self._sign:
            return leaf.type != "SUMOP"
        if leaf.type == "LPAR":
            return before.type == "CMD"
        if before.type in _CONSTANTS:  # `true[0]` and `true.a` would be other words
            return False
        return leaf.type == "DOT" or (leaf.type == "LSQB" and before.type in _OPERANDS)
