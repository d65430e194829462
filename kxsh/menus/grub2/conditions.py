"""`test` and `regexp` (grub-core/commands/test.c, regexp.c)."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, NONE, TEST_FAILURE, signed, unsigned
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.tree import Block


def test(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Evaluate an expression; nothing at all is true, as GRUB has it."""
    if words and words[-1] == "]":
        words = words[:-1]
    return NONE if _Test(script, words).run() else TEST_FAILURE


_BINARY: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "-eq": lambda a, b: signed(a) == signed(b),
    "-ge": lambda a, b: signed(a) >= signed(b),
    "-gt": lambda a, b: signed(a) > signed(b),
    "-le": lambda a, b: signed(a) <= signed(b),
    "-lt": lambda a, b: signed(a) < signed(b),
    "-ne": lambda a, b: signed(a) != signed(b),
    "-pgt": lambda a, b: _suffixes(a, b)[0] > _suffixes(a, b)[1],
    "-plt": lambda a, b: _suffixes(a, b)[0] < _suffixes(a, b)[1],
}
_PARENTHESES = 60


def _suffixes(first: str, second: str) -> tuple[int, int]:
    """Return the numbers where two names first differ (``vmlinuz-2``, ``vmlinuz-11``)."""
    at = 0
    while at < min(len(first), len(second)) and first[at] == second[at]:
        at += 1
    at -= 1
    while at > 0 and first[at : at + 1].isdigit():
        at -= 1
    at += 1
    return unsigned(first[at:])[0], unsigned(second[at:])[0]


class _Test:
    """An expression being evaluated, left to right; ``-o`` starts the next alternative."""

    def __init__(self, script: Interpreter, words: list[str]) -> None:
        self._script = script
        self._words = words
        self._at = 0
        self._depth = 0

    def run(self) -> bool:
        either, both, inverted = False, True, False
        words = self._words
        while self._at < len(words):
            word = words[self._at]
            value = self._binary()
            if value is None:
                value = self._unary()
            if value is None:
                self._at += 1
                if word == ")":
                    return either or both
                if word == "!":
                    inverted = not inverted
                    continue
                if word == "-a":
                    continue
                if word == "-o":
                    either, both = either or both, True
                    continue
                value = self._inner() if word == "(" else word != ""
            both = both and value != inverted
            inverted = False
        return either or both

    def _inner(self) -> bool:
        self._depth += 1
        value = self.run() if self._depth < _PARENTHESES else False
        self._depth -= 1
        return value

    def _binary(self) -> bool | None:
        words = self._words[self._at : self._at + 3]
        if len(words) < 3:
            return None
        compare = _BINARY.get(words[1])
        if compare is not None:
            self._at += 3
            return compare(words[0], words[2])
        if words[1].startswith(("-nt", "-ot")):
            # Times are not known here: a file is newer than one that is not there.
            self._at += 3
            newer, older = (self._exists(words[0]), self._exists(words[2]))
            return newer and not older if words[1][1] == "n" else older and not newer
        return None

    def _unary(self) -> bool | None:
        words = self._words[self._at : self._at + 2]
        if len(words) < 2 or words[0] not in ("-d", "-e", "-f", "-s", "-n", "-z"):
            return None
        self._at += 2
        operator, operand = words
        if operator in ("-n", "-z"):
            return (operand != "") == (operator == "-n")
        facts = self._script.world.look(operand, self._script.root)
        if facts is None:
            return False
        if operator == "-d":
            return facts.kind == "directory"
        if operator == "-s":
            return facts.kind != "directory" and facts.size != 0
        return operator == "-e" or facts.kind != "directory"

    def _exists(self, name: str) -> bool:
        return self._script.world.exists(name, self._script.root)


_REGEXP = Options("s:set=")


def regexp(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Match a POSIX extended regular expression; ``--set 1:name`` keeps a group."""
    from kxsh.menus.grub2.expressions import BadExpression, search

    parsed = _REGEXP.parse(words)
    if parsed is None or len(parsed[1]) != 2:
        return BAD_ARGUMENT
    options, (pattern, text) = parsed
    try:
        found = search(pattern, text, script.world.spend)
    except BadExpression as error:
        return script.fail(TEST_FAILURE, f"regexp: {error}")
    if found is None:
        return TEST_FAILURE
    for setting in options.get("set", ()):
        number, mark, name = setting.rpartition(":")
        group, rest, error_number = unsigned(number, 10) if mark else (1, "", NONE)
        if error_number or rest:
            return BAD_ARGUMENT
        script.set(name, (found[group] or "") if group < len(found) else "")
    return NONE
