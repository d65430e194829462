"""POSIX extended regular expressions, for `regexp`, with every step counted.

A backtracking matcher: groups, alternatives, ``* + ? {m,n}``, bracket expressions,
anchors. Where POSIX wants the longest of all matches, this takes the first that the
expression prefers; the two differ only for alternatives that begin alike.
"""

from __future__ import annotations

from collections.abc import Callable

_CLASSES: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha,
    "digit": str.isdigit,
    "alnum": str.isalnum,
    "upper": str.isupper,
    "lower": str.islower,
    "space": str.isspace,
    "blank": lambda character: character in " \t",
    "punct": lambda character: (
        character.isprintable() and not character.isalnum() and character != " "
    ),
    "print": str.isprintable,
    "graph": lambda character: character.isprintable() and character != " ",
    "cntrl": lambda character: character < " ",
    "xdigit": lambda character: character in "0123456789abcdefABCDEF",
}
_ESCAPED: dict[str, Callable[[str], bool]] = {
    "w": lambda character: character.isalnum() or character == "_",
    "W": lambda character: not (character.isalnum() or character == "_"),
    "s": str.isspace,
    "S": lambda character: not character.isspace(),
}
_LONGEST = 4096
_REPEATS = 255
_NESTING = 40

Groups = tuple[tuple[int, int] | None, ...]
# A node matches at a position and goes on with the rest of the expression.
Next = Callable[[int, Groups], Groups | None]
Node = Callable[[int, Groups, Next], Groups | None]


class BadExpression(Exception):
    """An expression that is none, or is too large."""


def search(pattern: str, text: str, spend: Callable[[int], None]) -> list[str | None] | None:
    """Return the match and its groups where `pattern` first matches in `text`, else None.

    `spend` is called for the work that is done, and may raise. Raises BadExpression.
    """
    if len(pattern) > _LONGEST or len(text) > _LONGEST:
        raise BadExpression("the expression or the text is too long")
    matcher = _Compiler(pattern, text, spend)
    node = matcher.whole()
    empty: Groups = (None,) * (matcher.groups + 1)
    try:
        for start in range(len(text) + 1):
            found = node(start, empty, lambda end, groups: ((start, end), *groups[1:]))  # noqa: B023
            if found is not None:
                return [None if span is None else text[span[0] : span[1]] for span in found]
    except RecursionError:
        raise BadExpression("the match goes too deep") from None
    return None


class _Compiler:
    """Turns an expression into functions over one text."""

    def __init__(self, pattern: str, text: str, spend: Callable[[int], None]) -> None:
        self._pattern = pattern
        self._at = 0
        self._text = text
        self._spend = spend
        self._depth = 0
        self._single: Callable[[str], bool] | None = None
        self.groups = 0

    def whole(self) -> Node:
        node = self._alternatives()
        if self._at < len(self._pattern):
            raise BadExpression("a parenthesis too many")
        return node

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        self._at += 1
        return character

    def _alternatives(self) -> Node:
        self._depth += 1
        if self._depth > _NESTING:
            raise BadExpression("too many parentheses inside of each other")
        choices = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            choices.append(self._sequence())
        self._depth -= 1
        if len(choices) == 1:
            return choices[0]

        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            for choice in choices:
                found = choice(at, groups, then)
                if found is not None:
                    return found
            return None

        return run

    def _sequence(self) -> Node:
        nodes: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            nodes.append(self._piece())
        if len(nodes) == 1:
            return nodes[0]

        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            def step(index: int, at: int, groups: Groups) -> Groups | None:
                if index == len(nodes):
                    return then(at, groups)
                return nodes[index](at, groups, lambda a, g: step(index + 1, a, g))

            return step(0, at, groups)

        return run

    def _piece(self) -> Node:
        """Return an atom with its repetitions. One of a single character is matched in a
        loop: it is what nearly all expressions have, and must not go deep."""
        self._single = None
        node = self._atom()
        fits, self._single = self._single, None
        bounds = self._bounds()
        if bounds is None:
            return node
        node = self._run_of(fits, *bounds) if fits else self._loop(node, *bounds)
        while True:
            bounds = self._bounds()
            if bounds is None:
                return node
            node = self._loop(node, *bounds)

    def _bounds(self) -> tuple[int, int] | None:
        character = self._peek()
        if character and character in "*+?":
            self._at += 1
            return {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[character]
        if character != "{":
            return None
        end = self._pattern.find("}", self._at)
        low, comma, high = self._pattern[self._at + 1 : max(end, 0)].partition(",")
        if end < 0 or not low.isdigit() or (high and not high.isdigit()):
            return None
        self._at = end + 1
        first = int(low[:4])
        last = (int(high[:4]) if high else -1) if comma else first
        if max(first, last) > _REPEATS:
            raise BadExpression("too many repetitions")
        return first, last

    def _loop(self, node: Node, low: int, high: int) -> Node:
        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            def again(count: int, at: int, groups: Groups) -> Groups | None:
                self._spend(1)
                if high < 0 or count < high:

                    def more(end: int, inner: Groups) -> Groups | None:
                        if end == at and count >= low:
                            return None
                        return again(count + 1, end, inner)

                    found = node(at, groups, more)
                    if found is not None:
                        return found
                return then(at, groups) if count >= low else None

            return again(0, at, groups)

        return run

    def _run_of(self, fits: Callable[[str], bool], low: int, high: int) -> Node:
        text = self._text

        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            limit = len(text) if high < 0 else min(len(text), at + high)
            end = at
            while end < limit and fits(text[end]):
                end += 1
            self._spend(1 + (end - at) // 8)
            for stop in range(end, at + low - 1, -1):
                found = then(stop, groups)
                if found is not None:
                    return found
                self._spend(1)
            return None

        return run

    def _atom(self) -> Node:
        character = self._take()
        text = self._text
        if character == "(":
            return self._group()
        if character == "^":
            return lambda at, groups, then: then(at, groups) if at == 0 else None
        if character == "$":
            return lambda at, groups, then: then(at, groups) if at == len(text) else None
        if character == ".":
            return self._one(lambda _: True)
        if character == "[":
            return self._one(self._bracket())
        if character == "\\":
            character = self._take()
            if not character:
                raise BadExpression("a backslash at the end")
            if character in _ESCAPED:
                return self._one(_ESCAPED[character])
        return self._one(lambda given: given == character)

    def _one(self, fits: Callable[[str], bool]) -> Node:
        text = self._text
        spend = self._spend
        self._single = fits

        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            spend(1)
            return then(at + 1, groups) if at < len(text) and fits(text[at]) else None

        return run

    def _group(self) -> Node:
        self.groups += 1
        number = self.groups
        inner = self._alternatives()
        self._single = None
        if self._take() != ")":
            raise BadExpression("a parenthesis is not closed")

        def run(at: int, groups: Groups, then: Next) -> Groups | None:
            def close(end: int, groups: Groups) -> Groups | None:
                return then(end, (*groups[:number], (at, end), *groups[number + 1 :]))

            return inner(at, groups, close)

        return run

    def _bracket(self) -> Callable[[str], bool]:
        negated = self._peek() == "^"
        self._at += negated
        tests: list[Callable[[str], bool]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            character = self._take()
            if not character:
                raise BadExpression("a bracket is not closed")
            if character == "[" and self._peek() == ":":
                tests.append(self._class())
                continue
            low = high = character
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._take()
            tests.append(_between(low, high))
        self._at += 1
        return lambda given: any(test(given) for test in tests) != negated

    def _class(self) -> Callable[[str], bool]:
        end = self._pattern.find(":]", self._at)
        name = self._pattern[self._at + 1 : end] if end >= 0 else ""
        if name not in _CLASSES:
            raise BadExpression("an unknown class of characters")
        self._at = end + 2
        return _CLASSES[name]


def _between(low: str, high: str) -> Callable[[str], bool]:
    return lambda given: low <= given <= high
