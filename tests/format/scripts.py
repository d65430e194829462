"""Random scripts that use all of the grammar, laid out by somebody without manners."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

_WORDS = (
    'x a-b LABEL=X /mnt/x root=LABEL="my disk" $x $x.y pre$x-${y.z}-post \'a b\' "$x ${y[0]}" '
    '"" -x -- --- --OPT a#b true not in 10s *.img k:1 ${z} "a"\'b\' a,b'
)
WORDS = ["x", "a-b", "LABEL=X", 'root=LABEL="my disk"', "$x", "$x.y", "pre$x-${y.z}-post"]
WORDS += ["'a  b'", '"$x  ${y[0]}"', '""', "-x", "--", "---", "--OPT", "a#b", "true", "not", "10s"]
WORDS += [
    "*.img",
    "${z}",
    "\"a\"'b'",
    "a,b",
    "--opt",
    "--opt=v",
    '--opt="a  b"',
    "--b=$x",
    "a" * 60,
]
ATOMS = ["1", "0x1f", "10s", "64MiB", '"a  b"', "'#'", "$x", "${y.z}", "true", "false", "null"]
BINARY = "or and == != < <= > >= =~ in ?? + - * / %".split()


class Author:
    """Writes one script; `draw` takes from a strategy, `_comments` numbers the comments."""

    def __init__(self, draw: Callable[[st.SearchStrategy[object]], object]) -> None:
        self._draw = draw
        self._comments = 0

    def script(self) -> str:
        lines = [self.statement(3) for _ in range(self._number(0, 5))]
        text = self._pick(["", "\n", "\n\n\n", self._comment() + "\n"])
        for line in lines:
            text += line + self.end()
        return text + self._pick(["", "# the end", "\n\n"])

    # -- layout

    def blank(self) -> str:
        return self._pick([" ", " ", "  ", "\t", " \\\n  ", " \\ \n"])

    def maybe(self) -> str:
        return self._pick(["", "", " ", "\t "])

    def inside(self) -> str:
        """What may stand between two tokens in brackets."""
        return self._pick(["", "", " ", "\n", "\n\n\n  ", f" {self._comment()}\n"])

    def gap(self) -> str:
        return self._pick([" ", " ", "\n", f" {self._comment()}\n "])

    def end(self) -> str:
        """The end of a statement."""
        comment = self._comment()
        ends = [";", " ;; ", "\n", "\n\n\n", f" {comment}\n", f"\n\n  {comment}\n\n"]
        return self._pick([*ends, f";  {comment}\n", f"\n#{comment}\n", "\t\n"])

    def before_option(self) -> str:
        return self._pick([" ", " ", "\n", "\n\n    ", f" {self._comment()}\n\n", " \\\n"])

    def _comment(self) -> str:
        self._comments += 1
        return self._pick([f"#c{self._comments}", f"# c{self._comments}; {{  "])

    # -- statements

    def statement(self, depth: int) -> str:
        simple = [self._let, self._set, self._call_statement, self._leaf, self._call_statement]
        nested = [self._if, self._loop, self._match, self._try, self._fn, self._menu]
        kinds = simple + (nested if depth else [])
        return kinds[self._number(0, len(kinds) - 1)](depth)

    def _let(self, depth: int) -> str:
        kind = self._pick(["", ": int", " :[ [ str ? ] ]"])
        return f"let{self.blank()}a{kind}{self.maybe()}={self.maybe()}{self.rhs(depth)}"

    def _set(self, depth: int) -> str:
        steps = self._pick(["", ".k", f"[ {self.expression(1)} ] . k", "[0] [1]"])
        return f"set{self.blank()}a{steps} ={self.maybe()}{self.rhs(depth)}"

    def _leaf(self, depth: int) -> str:
        values = ["break", "continue", "return", f"return {self.rhs(depth)}"]
        return self._pick([*values, 'import "a.kxs"', 'import  "a.kxs"  as  b.c'])

    def _call_statement(self, depth: int) -> str:
        return self.call(2) + self.handlers(depth)

    def _menu(self, depth: int) -> str:
        return f"{self.call(1)} {self.block(depth)}{self.handlers(depth)}"

    def _if(self, depth: int) -> str:
        text = f"if {self.condition()} {self.block(depth)}"
        for _ in range(self._number(0, 2)):
            text += f"{self.before_else()}else if {self.condition()} {self.block(depth)}"
        if self._number(0, 1):
            text += f"{self.before_else()}else{self.maybe()}{self.block(depth)}"
        return text

    def _loop(self, depth: int) -> str:
        names = self._pick(["x", "k,v", "k , v"])
        head = self._pick([f"while {self.condition()}", f"for {names} in {self.value()}"])
        return f"{head} {self.block(depth)}"

    def _match(self, depth: int) -> str:
        arms = []
        for _ in range(self._number(1, 3)):
            pattern = self._pick(['"a"', "1|2", "- 5 | null", "10s", "true"])
            arms.append(f"{pattern} {self.block(depth)}")
        if self._number(0, 1):
            arms.append(f"else {self.block(depth)}")
        text = self._pick(["", "\n", f" {self._comment()}\n"])
        for arm in arms:
            text += arm + self._pick([" ", "\n", "\n\n\n", f" {self._comment()}\n"])
        return f"match {self.value()} {{{text}}}"

    def _try(self, depth: int) -> str:
        name = self._pick(["", " as e"])
        return f"try {self.block(depth)}{self.before_else()}else{name} {self.block(depth)}"

    def _fn(self, depth: int) -> str:
        parameters = self._pick(["", "()", "(a,b:int , --o:duration=5s)", "(a = [1 ,2], ...r)"])
        returns = self._pick(["", " ->int", " ->  [device]?"]).removesuffix("?")
        return f"fn f{self._pick(['', ' ']) if parameters else ''}{parameters}{returns} " + (
            self.block(depth)
        )

    def before_else(self) -> str:
        return self._pick([" ", "", "\n", f" {self._comment()}\n", "\n\n"])

    def handlers(self, depth: int) -> str:
        text = ""
        for _ in range(self._number(0, 1)):
            name = self._pick(["", " as e"])
            gap = self._pick([" ", " ", "\n", f" {self._comment()}\n"])
            block = f"else{name} {self.block(depth)}" if depth else f"else {self.call(0)}"
            text += gap + self._pick([f"else {self.call(0)}", block])
        return text

    def block(self, depth: int) -> str:
        flat = self._number(0, 2) == 0
        count = self._number(0, 2) if depth else 0
        text = self._pick(["", " "]) if flat else self._pick(["\n", f" {self._comment()}\n\n"])
        for place in range(count):
            end = self._pick([";", " ; "]) if flat else self.end()
            text += self.statement(depth - 1) + (
                end if place < count - 1 else self._pick(["", end])
            )
        if not flat:
            text += self._pick(["", "\n", f"\n  {self._comment()}\n"])
        return f"{{{text}}}"

    # -- values

    def condition(self) -> str:
        return self._pick([self.value(), f"let x = {self.value()}"])

    def rhs(self, depth: int) -> str:
        return self.value() + self.handlers(depth)

    def value(self) -> str:
        return self._pick([self.expression(2), self.call(1), f"not {self.call(1)}"])

    def call(self, depth: int) -> str:
        text = self._pick(["say", "mount", "a.b-c", "load"])
        for _ in range(self._number(0, 4)):
            word = self._pick(WORDS)
            if word == "--opt":
                text += self.before_option() + word
            else:
                text += self.blank() + word
        if depth and self._number(0, 1):
            text += self.blank() + self._pick(
                [f"({self.inside()}{self.value_in(depth)})", self.list(depth), f"...{self.list(1)}"]
            )
        return text + self._pick(["", "", " ?"])

    def value_in(self, depth: int) -> str:
        return self._pick([self.call(depth - 1), self.expression(depth)]) + self.inside()

    def list(self, depth: int) -> str:
        if self._number(0, 3) == 0:
            return "[ : ]"
        key = self._pick(["", "", "k :", '"k  l": '])
        keys = [key, "m:" if key else "", "n: " if key else ""]
        items = [keys[place] + self.expression(depth - 1) for place in range(self._number(0, 3))]
        text = f"{self.inside()},{self.inside()}".join(items)
        comma = self._pick(["", ","]) if items else ""
        return f"[{self.inside() if items else ''}{text}{comma}{self.inside() if items else ''}]"

    def expression(self, depth: int) -> str:
        if depth <= 0 or self._number(0, 2) == 0:
            return self._pick(ATOMS)
        one, two = self.expression(depth - 1), self.expression(depth - 1)
        return self._pick(
            [
                f"({one} {self._pick(BINARY)} {two})",
                f"({one}-{two})",
                f"( not {one})",
                f"(- {one})",
                f"( - +-{one})",
                f"({one} [ {two} ])",
                f"(({one}) .k[{two}])",
                f"({self.inside()}{self.call(0)}{self.inside()})",
                self.list(depth),
            ]
        )

    def _pick(self, choices: Sequence[str]) -> str:
        return str(self._draw(st.sampled_from(choices)))

    def _number(self, least: int, most: int) -> int:
        number = self._draw(st.integers(least, most))
        assert isinstance(number, int)
        return number


@st.composite
def scripts(draw: Callable[[st.SearchStrategy[object]], object]) -> str:
    """Return a script as somebody without manners would write it."""
    return Author(draw).script()
