"""The one look: what is changed, what stays; hostile text costs no more than its length."""

from __future__ import annotations

import time

import pytest

from kxsh.errors import ParseError
from kxsh.source import Source
from kxsh.syntax.format import format_source
from kxsh.syntax.format.printer import WIDTH


def formatted(text: str) -> str:
    return format_source(Source("a.kxs", text))


STAYS = {
    "comments and groups": """\
kxs 1
# About this script.

# About the mount.
let a = mount LABEL=X  # why

## Help of f.
## More of it.
fn f(a: int, --b: duration = 5s, ...rest) -> [str] {
  # first in a block

  return [$a]  # last
  # nothing follows
}
""",
    "a block on one line": "for x in [1] { say $x; continue }\n",
    "a block on several lines": "for x in [1] {\n  say $x\n}\n",
    "an empty block": "try { exec } else { }\n",
    "else": "if true {\n  say a\n} else if false {\n  say b\n} else {\n  say c\n}\n",
    "a line broken before an option": "load $a\n  --initrd $b --cmdline $c\n",
    "a comment between options": "mount X\n  --rw  # why\n  # and\n  --keep\nelse { exec }\n",
    "a line broken before else": "let a = findfs LABEL=X\nelse findfs LABEL=Y\n",
    "a comment before else": "try {\n  exec\n}  # so far\n# and now\nelse {\n  recovery\n}\n",
    "a list on several lines": "let a = [\n  1, 2,\n\n  # three\n  3,\n\n  # last\n]\n",
    "a list of lists": "let a = [[\n  1,\n], [\n  2,\n]]\n",
    "a call on several lines": "say (\n  findfs LABEL=X\n    --wait 5s\n)\n".replace(
        "    --", "  --"
    ),
    "a match": 'match $a {\n  "x" | -2 { say x }\n  null { }\n  else {\n    say y\n  }\n}\n',
    "a match on one line": 'match $a { "x" { say x } else { say y } }\n',
    "a backslash that is needed": "say a \\\n  b\n",
    "words and strings": "say a#b 'c  d' \"e  ${f  .g}  \" $x.y --k=v ...$l ...[1] [:] (f) ?\n",
    "constants with a step": "say (true [1]) (null .a)\n",
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_stays(text: str) -> None:
    assert formatted(text) == text


CHANGES = {
    "blanks": ("let  a=1+ -2*( 3 )\n", "let a = 1 + -2 * (3)\n"),
    "brackets": ("let a=[ 1 ,2,[ k :1 , ] , [ : ] ]", "let a = [1, 2, [k: 1,], [:]]\n"),
    "steps": ("set a [ 0 ] . b = $c . d [ 1 ]", "set a[0].b = $c.d[1]\n"),
    "signs": ("let a = - 1 - - 2 -3", "let a = -1 - -2 - 3\n"),
    "a function": ("fn  f ( a:int,--b = 1 , ... r ){}", "fn f(a: int, --b = 1, ...r) { }\n"),
    "semicolons": ("say a;say b ;; try {f;g}else{}", "say a\nsay b\ntry { f; g } else { }\n"),
    "blank lines": ("\n\nsay a\n\n\n\nsay b\n\n", "say a\n\nsay b\n"),
    "blank lines in a block": ("try {\n\n  say a\n\n} else {\n\n}", "try {\n  say a\n} else { }\n"),
    "indents": ("if true {\n\tsay a\n      # b\n}", "if true {\n  say a\n  # b\n}\n"),
    "else": ("if true {\n}\nelse { }\n", "if true { } else { }\n"),
    "arms": ("match 1 {1{}2{}\n  else{}}", "match 1 {\n  1 { }\n  2 { }\n  else { }\n}\n"),
    "comments": ("say a    # b  \n#c\t\n", "say a  # b\n#c\n"),
    "comment and semicolon": ("say a; # b\nsay c", "say a  # b\nsay c\n"),
    "a backslash that is not needed": (
        "say a \\\n --b \\\n else f\nsay [1, \\\n 2]",
        "say a\n  --b\nelse f\nsay [1,\n  2]\n",
    ),
    "spread": ("say ... $x ... [1]", "say ...$x ...[1]\n"),
    "no end": ("exec", "exec\n"),
    "nothing": ("\n \n", ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHANGES.values(), ids=CHANGES)
def test_changes(text: str, expected: str) -> None:
    assert formatted(text) == expected
    assert formatted(expected) == expected


def test_a_long_line_opens_its_blocks_first() -> None:
    text = f"entry serial {'a' * 50} --key s {{ say {'b' * 40}; exec }}\n"
    assert formatted(text) == (
        f"entry serial {'a' * 50} --key s {{\n  say {'b' * 40}\n  exec\n}}\n"
    )


def test_a_long_line_is_broken_before_options() -> None:
    text = f"load {'a' * 30} --initrd {'b' * 30} --cmdline {'c' * 30} --set {'d' * 30} else f"
    assert formatted(text) == (
        f"load {'a' * 30} --initrd {'b' * 30}\n  --cmdline {'c' * 30} --set {'d' * 30} else f\n"
    )


def test_a_long_line_is_broken_before_else() -> None:
    text = f"findfs LABEL={'a' * 30} else findfs LABEL={'b' * 30} else findfs LABEL={'c' * 30}"
    assert formatted(text) == (
        f"findfs LABEL={'a' * 30}\nelse findfs LABEL={'b' * 30}\nelse findfs LABEL={'c' * 30}\n"
    )


def test_a_line_that_cannot_be_broken_stays() -> None:
    text = f"say {'a' * 100} {'b' * 100}\n"
    assert formatted(text) == text


def test_a_comment_does_not_make_a_line_long() -> None:
    text = f"load a --initrd b  # {'c' * WIDTH}\n"
    assert formatted(text) == text


@pytest.mark.parametrize("above", [True, False])
def test_what_a_comment_allows_stays_on_its_line(above: bool) -> None:
    line = f"load {'a' * 40} --initrd /dev/sda1:/b --cmdline {'c' * 40} else {{ recovery }}"
    allow = "# kxs: allow KX601 lab"
    text = f"{allow}\n{line}\nsay a\n" if above else f"{line}  {allow}\nsay a\n"
    assert formatted(text) == text
    assert formatted(f"{line}\nsay a\n") != f"{line}\nsay a\n"


def test_a_fault_is_told_with_its_place() -> None:
    with pytest.raises(ParseError) as caught:
        formatted("say a\nif {\n")
    assert caught.value.span is not None
    assert caught.value.span.line == 2


def test_what_grows_too_large_is_refused() -> None:
    deep = "if true { " * 45 + "if true { say y };\n" * 20000 + " }" * 45
    with pytest.raises(ParseError, match="more than 60,000 words and signs"):
        formatted(deep)


WIDE = {
    "words": lambda n: "say " + "a " * n,
    "options": lambda n: "say " + "--aa b " * n,
    "statements": lambda n: "say a;" * n,
    "items": lambda n: "let a = [" + "1," * n + "1]",
    "branches": lambda n: "if true { }" + " else if true { say b }" * (n // 5),
    "comments": lambda n: "# c\n" * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", WIDE.values(), ids=WIDE)
def test_the_cost_is_linear(make: object) -> None:
    def seconds(count: int) -> float:
        text = make(count)  # type: ignore[operator]
        begin = time.process_time()
        formatted(text)
        return time.process_time() - begin

    seconds(10)
    assert seconds(12000) < 10 * 6 * seconds(2000) + 0.5


def test_deep_nesting_is_not_laid_out_again_and_again() -> None:
    depth = 48
    text = f"if (exists {'a' * 90}) {{\n" * depth + "say x" + "\n}" * depth
    begin = time.process_time()
    formatted(text)
    assert time.process_time() - begin < 5
