"""Random and mutated text and bytes: an error with a place or a tree, in bounded time.

Random programs that are well formed run to their end, or to an error of kxsh. All this takes
about a minute of processor time; `make fuzz` goes on for longer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standard_machine import ESP, LineConsole, standard_machine

from kxsh.checker import check_source
from kxsh.checker.codes import CODES
from kxsh.commands.context import Chosen, Offer
from kxsh.errors import InternalFault, Interrupted, KxshError, ParseError
from kxsh.interpreter import interpreter as interpreter_module
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import Ended
from kxsh.source import Source
from kxsh.syntax.decode import decode_source
from kxsh.syntax.parser import parse_line, parse_script

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent
SAMPLES = [
    path.read_text(encoding="utf-8")
    for folder in ("syntax/valid", "check")
    for path in sorted((TESTS / folder).rglob("*.kxs"))
]
# Pieces that mean something, so that random text gets past the first token.
PIECES = st.sampled_from(
    "let set if else while for in match try as fn return break continue import not and or "
    "null true false x $x ${x} ${ } { ( ) [ ] : , ; = == =~ ?? ? . .. ... -- --wait --wait=5s "
    "-x + - * / % < > | & && || ` ' \" \\ # ## \n \t 1 0x1f 10s 64MiB \"a $x ${x.y} b\" 'c' "
    "say mount findfs LABEL=X entry menu load exec retry cmdline kxs /a/b \u201c \u00a0 \u200b "
    "\u00e9 \U0001f600 \x00 \x1b -> int [int] int? esp $esp.disk $(a) a.b $x[0]".split(" ")
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=40).map(" ".join),
    st.lists(PIECES, max_size=40).map("".join),
)
QUIET = settings(
    max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
SECONDS = 3


def examine(text: str) -> None:
    """Parse and check a text; anything but a ParseError from the parsers is a fault."""
    begin = time.perf_counter()
    source = Source("fuzz.kxs", text)
    for parse in (parse_script, parse_line):
        try:
            parse(source)
        except ParseError as error:
            assert error.span is not None
            assert 0 <= error.span.start <= error.span.end <= len(text) + 1
            assert error.code in CODES
    for prompt in (False, True):
        for item in check_source(source, prompt=prompt):
            assert item.span is not None
            assert item.message
    assert time.perf_counter() - begin < SECONDS


@pytest.fixture(autouse=True, scope="module")
def recursion_limit() -> Iterator[None]:
    """Hypothesis minds whoever changes Python's limit; no program here goes deep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpreter_module, "_PYTHON_FRAMES", 0)
        yield


@QUIET
@given(TEXTS)
def test_random_text(text: str) -> None:
    examine(text)


@QUIET
@given(st.data())
def test_mutated_samples(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.one_of(PIECES, st.text(max_size=5))) + text[end:]
    examine(text)


@QUIET
@given(st.data())
def test_mutated_bytes(data: st.DataObject) -> None:
    """A file as it is read: with bytes that are no UTF-8, or another encoding altogether."""
    content = data.draw(st.sampled_from(SAMPLES)).encode(
        data.draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 12)))
        content = content[:start] + data.draw(st.binary(max_size=5)) + content[end:]
    try:
        source = decode_source("fuzz.kxs", content)
    except ParseError as error:
        assert error.code in CODES
        assert error.span is not None
        return
    examine(source.text)


# -- programs

NAMES = st.sampled_from(["a", "b", "c"])
ATOMS = st.one_of(
    st.integers(-5, 5).map(str),
    st.sampled_from(
        ["true", "false", "null", '"x"', '"GENTOO"', "10s", "3MiB", "$a", "$b", "$c", "$esp", "[]"]
    ),
)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from("+ - * / % == != < >= =~ in ?? and or".split())
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, inner).map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        inner.map(lambda text: f"[k: {text}]"),
        inner.map(lambda text: f"(not {text})"),
        inner.map(lambda text: f"(-({text}))"),
        inner.map(lambda text: f"({text})[0]"),
        inner.map(lambda text: f"({text}).label"),
        inner.map(lambda text: f"(f ({text}))"),
        st.sampled_from(
            [
                "(findfs LABEL=GENTOO)",
                "(findfs LABEL=NONE --wait 0s ?)",
                "(mount LABEL=root)",
                "(devices --removable)",
                "(isolinux-entries LABEL=GENTOO:/isolinux/isolinux.cfg)",
                "(read LABEL=root:/etc/hostname)",
                '(glob "LABEL=GENTOO:/isolinux/*")',
            ]
        ),
    )


EXPRESSIONS = st.recursive(ATOMS, compound, max_leaves=6)
WORDS = st.one_of(
    EXPRESSIONS.map(lambda text: f"({text})"), st.sampled_from(["x", "LABEL=GENTOO", "$a", "5s"])
)
SIMPLE = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"let {pair[0]} = {pair[1]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"set {pair[0]} = {pair[1]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"set {pair[0]}.k = {pair[1]}"),
    st.tuples(
        st.sampled_from("say warn fail sleep mount umount load plan exists part f g".split()),
        st.lists(WORDS, max_size=3).map(" ".join),
    ).map(" ".join),
    st.sampled_from(
        [
            "break",
            "continue",
            "return $a",
            "exec",
            "boot LABEL=root:/boot/vmlinuz",
            "load LABEL=GENTOO:/isolinux/gentoo",
            "recovery",
            "reboot",
            'menu "m" { entry a { say a }; entry b { fail b } }',
        ]
    ),
)


def block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=3).map(lambda lines: "{\n" + "\n".join(lines) + "\n}")
    return st.one_of(
        st.tuples(EXPRESSIONS, body, body).map(lambda p: f"if {p[0]} {p[1]} else {p[2]}"),
        st.tuples(EXPRESSIONS, body).map(lambda p: f"for x in {p[0]} {p[1]}"),
        st.tuples(NAMES, EXPRESSIONS, body).map(lambda p: f"if let {p[0]} = {p[1]} {p[2]}"),
        st.tuples(body, body).map(lambda p: f"try {p[0]} else as e {p[1]}"),
        st.tuples(EXPRESSIONS, body).map(lambda p: f'match {p[0]} {{ 1 | "x" {p[1]} }}'),
        body.map(lambda text: f"retry 2 {text}"),
        body.map(lambda text: f"fail x else {text}"),
        body.map(lambda text: f'menu "m" {{ entry a {text} }}'),
    )


STATEMENTS = st.recursive(SIMPLE, block, max_leaves=8)
PROGRAMS = st.lists(STATEMENTS, min_size=1, max_size=6).map(
    lambda lines: (
        "let a = 1\nlet b = null\nlet c = [k: 1]\n"
        "fn f(x) { return $x }\nfn g(x: int, y = 2) -> int { return $x }\n"
        + "\n".join(lines)
        + "\n"
    )
)


class Person(LineConsole):
    """Takes the default a few times, then presses Ctrl-C: a menu may come back for ever."""

    def choose(self, offer: Offer) -> Chosen:
        if len(self.lines) > 20 or not offer.default:
            raise Interrupted("stopped by Ctrl-C")
        return super().choose(offer)


@settings(QUIET, max_examples=900)
@given(PROGRAMS)
def test_random_programs(text: str) -> None:
    """They run to their end or to an error of kxsh, and leave nothing mounted."""
    source = Source("fuzz.kxs", text)
    parse_script(source)
    for item in check_source(source):
        assert item.span is not None
    machine = standard_machine()
    interpreter = Interpreter(machine, Person(), esp=ESP)
    begin = time.perf_counter()
    try:
        interpreter.run_script(source)
    except InternalFault as fault:
        pytest.fail(f"{fault.trace}\n{text}")
    except (KxshError, Ended):
        pass
    assert machine.mounts() == []
    assert time.perf_counter() - begin < SECONDS


@settings(QUIET, max_examples=600)
@given(PROGRAMS)
def test_the_checker_foresees_usage_errors(text: str) -> None:
    """A script without a finding may fail, but not by a name, an option or a type that
    the checker could have known: those of `any` are not drawn here."""
    source = Source("fuzz.kxs", text)
    if any(item.severity == "error" for item in check_source(source)):
        return
    try:
        Interpreter(standard_machine(), Person(), esp=ESP).run_script(source)
    except (KxshError, Ended) as error:
        code = getattr(error, "code", "")
        assert code not in ("KX101", "KX201", "KX202", "KX205", "KX702", "KX704", "KX111"), text
