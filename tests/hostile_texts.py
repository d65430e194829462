"""Texts that are as bad as a file of 1 MB can be: for tests/test_hostile_scripts.py, make fuzz.

Those of ordinary words have as many as the limits let through, less a few (kxsh.syntax.limits).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

MEGABYTE = 1_000_000
_PIECES = (
    "let set if else { } ( ) [ ] = \n $x ${x} say --a x=5 && || \" ' 1 2s ; match fn for in".split(
        " "
    )
)


def _times(piece: str, count: int = 0) -> Callable[[], str]:
    return lambda: piece * (count or MEGABYTE // len(piece))


def _numbered(line: str, count: int) -> Callable[[], str]:
    return lambda: "".join(line.replace("#", str(number)) for number in range(count))


def _drawn(choices: list[str], count: int) -> Callable[[], str]:
    return lambda: "".join(random.Random(count).choices(choices, k=count))


# Each sign and piece a million characters long, on one line and on many.
SIGNS = "$ \" ' \\ ` ( ) { } [ ] ; # & | < > = - . a 0 \u00a0 \U0001f600 \0 \x1b \r".split(" ")
TEXTS: dict[str, Callable[[], str]] = {
    **{f"{sign!r} in one line": _times(sign) for sign in [*SIGNS, " ", "\n"]},
    **{f"{sign!r} in lines": _times((sign + " ") * 40 + "\n") for sign in SIGNS},
    **{f"say {sign!r} in lines": _times("say " + sign * 100 + "\n") for sign in SIGNS},
    "statements": _times("a;" * 1000 + "\n", 29),
    "commands": _times("say a\n", 19_900),
    "words": _times("say " + "a " * 5900 + "\n", 10),
    "hiding": _times("let a = 1\n", 11_900),
    "interpolations": _times('say "' + "${a}" * 100 + '"\n', 480),
    "expressions": _times('say "' + "${a + 1}" * 100 + '"\n', 196),
    "variables": _times("say " + "$a" * 1000 + "\n", 49),
    "lists": _times("let x = [" + "1," * 5900 + "]\n", 5),
    "sums": _times("let x = 1" + " + 1" * 98 + "\n", 297),
    "else if": lambda: "if true { }" + " else if true { }" * 19_000,
    "else": lambda: "fail a" + " else fail b" * 33_000,
    "options": lambda: "a" + "\n  --b" * 59_800,
    "nested blocks": lambda: ("if true {" * 40 + "say a;" * 50 + "}" * 40 + "\n") * 192,
    "nested menus": lambda: ('menu "m" {' + "entry a { menu b {" * 20 + "}}" * 20 + "}\n") * 362,
    "nested mounts": lambda: "if true { let m = mount LABEL=X\n" * 40 + "}" * 40,
    "branches": _times("if $esp == null { load /a } else { load /b }\n", 4270),
    "functions": _numbered("fn f#(a, b) { return $a }\n", 6000),
    "a chain of calls": lambda: "fn f0() { }\n" + "".join(
        f"fn f{number} {{ f{number - 1} }}\n" for number in range(1, 10_000)
    ),
    "calls of each other": _numbered("fn f#() { g# }\nfn g#() { f# }\nf#\n", 4000),
    "unknown commands": _numbered("command# x\n", 19_900),
    "unknown variables": _numbered("let v# = $w#\n", 11_900),
    "widening": lambda: "let a0 = null\n" + "".join(
        f"let a{n + 1} = null\nset a{n + 1} = $a{n}\n" for n in range(5980)
    ),
    "loops": lambda: "for x in [1] {" * 40 + "set x = 1\n" * 11_900 + "}" * 40,
    "matches": lambda: "match 1 {\n" + "1 { }\n" * 14_900 + "}\n",
    "imports": _times('import "a"\n', 19_900),
    "assignments": _times("x=5\n"),
    "shell": _times("if [ -f x ]; then\n a || b\nfi\n"),
    "shell, never closed": _times("if [ -f x ]; then\n"),
    "case": _times("case $x in\n a) b;;\n *) c\nesac\n"),
    "open strings": _times('say "a\n'),
    "open lists": _times("say [a\n"),
    "one fault at the end": lambda: "say a b c\n" * 11_900 + "say )\n",
    "faults in one block": lambda: "if true {\n" + "say a b c d\nx=5\n" * 12_000 + "}\n",
    "allow comments": _times("say a # kxs: allow KX102,KX103 x\n"),
    "typographic": _times("say \u201ca\u201d\n"),
    "command lines": _times('load /a --cmdline "ro rw root=/dev/sda1 vga=791 quiet"\nexec\n', 8500),
    "random bytes": _drawn([chr(code) for code in range(1, 256)], MEGABYTE),
    "random ASCII": _drawn([chr(code) for code in range(32, 127)] + ["\n"] * 9, MEGABYTE),
    "random pieces": _drawn([f"{piece} " for piece in _PIECES], MEGABYTE // 4),
    "random lines": _drawn([f"{piece}\n" for piece in _PIECES], MEGABYTE // 8),
}  # fmt: skip


def texts() -> Iterator[tuple[str, str]]:
    for name, make in TEXTS.items():
        yield name, make()[:MEGABYTE]
