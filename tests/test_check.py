"""The checker: exactly the findings that tests/check/**/*.kxs announce, line by line.

A line's comment says what is found on it: `# error[KX101]`, `# warning[KX102]`, several
of them after one another. Anything found elsewhere fails, and so does what is not found.

A file whose first line is `# ---- title` holds many scripts: each such line begins one,
and stands for its first line `kxs 1`. Only in those does it matter how one line follows
another (KX3xx): elsewhere, `load` stands after `load` and no `exec` follows.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from standard_machine import ESP, LineConsole, standard_machine

from kxsh.checker import check_source
from kxsh.checker.codes import CODES, severity_of
from kxsh.checker.scope import Known
from kxsh.errors import KxshError, NotFound
from kxsh.interpreter.interpreter import Interpreter
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_script
from kxsh.values import DEVICE

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "check"
ANNOUNCED = re.compile(r"(error|warning)\[(KX\d{3})\]")
IMPORTS = {
    "self.kxs": 'kxs 1\nimport "self.kxs" as me\nfn f() { me.f }\n',
    "ring.kxs": 'kxs 1\nimport "gnir.kxs" as back\nfn f() { back.f }\n',
    "gnir.kxs": 'kxs 1\nimport "ring.kxs" as back\nfn f() { back.f }\n',
    "below.kxs": 'kxs 1\nimport "self.kxs" as me\nfn f() { me.f }\n',
    "acts.kxs": "kxs 1\nload LABEL=X:/vmlinuz\n",
    "there.kxs": "kxs 1\nfn hello() { say hello }\nfn unused() { say 1 }\n",
    "circle.kxs": 'import "there.kxs"\nfn again() { there.hello }\n',
}


def find_import(path: str) -> Source:
    if path not in IMPORTS:
        raise NotFound(f"{path} is not there")
    return Source(path, IMPORTS[path])


def announced(text: str) -> Counter[tuple[int, str, str]]:
    return Counter(
        (number, severity, code)
        for number, line in enumerate(text.splitlines(), 1)
        for severity, code in ANNOUNCED.findall(line.partition("#")[2])
    )


# About a script as a whole: not looked for in collections of lines.
WHOLE = tuple("KX206 KX212 KX3".split())
TITLE = re.compile(r"^# ---- ", re.MULTILINE)


def scripts() -> list[Any]:
    """Return (name, text, codes that are not looked for) of all scripts."""
    found = []
    for path in sorted(FOLDER.rglob("*.kxs")):
        name = path.relative_to(FOLDER).as_posix()
        text = path.read_text(encoding="utf-8")
        if not text.startswith("# ---- "):
            found.append(pytest.param(text, WHOLE, id=name))
            continue
        for part in TITLE.split(text)[1:]:
            title, _, lines = part.partition("\n")
            found.append(pytest.param(f"kxs 1\n{lines}", (), id=f"{name}: {title}"))
    return found


@pytest.mark.parametrize(("text", "without"), scripts())
def test_findings(text: str, without: tuple[str, ...]) -> None:
    found = [
        item
        for item in check_source(Source("t.kxs", text), find_import=find_import)
        if not item.code.startswith(without)
    ]
    seen = Counter((item.span.line, item.severity, item.code) for item in found if item.span)
    assert sum(seen.values()) == len(found), "a finding without a place"
    wanted = announced(text)
    assert (seen - wanted, wanted - seen) == (Counter(), Counter())


def findings(text: str, **options: object) -> list[tuple[str, str, str]]:
    """Return (code, message, text of the place) of a script's findings, but KX012."""
    found = check_source(Source("t.kxs", text), **options)  # type: ignore[arg-type]
    return [
        (item.code, item.message, item.span.text if item.span else "")
        for item in found
        if item.code != "KX012"
    ]


# Calls that can never work; `esp` is there, and the function `f` of PRELUDE.
PRELUDE = "fn f(a: int, --wait: duration, --flag: bool) -> int { return $a }\n"
FAULTY = """\
mont LABEL=X
f
f 1 2
f x
f ("x")
f null
f (null)
f 1 --weit 3s
f 1 --wait
f 1 --wait 3
f 1 --wait (3)
f 1 --wait=3
f 1 --wait 3s --wait 4s
f 1 --flag=x
f 1 { }
mount
mount LABEL=X --rx
mount X
mount $esp /a /b
mount (5)
findfs LABLE=X
findfs LABEL=X --wait 5
load /a --method both
sleep 5
sleep $esp
retry 2
retry two { }
cmdline edit x
say $nothing
say ${esp.lable}
say ${esp[0]}
say "${[1]}"
say ${null}
say ...(5)
say (1 + "a")
say (1 < "a")
say (-"a")
say (not 1)
say (1 in 2)
set nothing = 1
set esp = 1
let x: int = "a"
let y: wibble = 1
if 1 { }
while 1 { }
for x in 5 { }
for x in null { }
entry a { }
menu "m" { entry a { }; entry a { } }
menu "m" --default b { entry a { } }
menu "m" --fallback bb { entry aa { } }
kxs 2
linux /vmlinuz
goto x
break
continue
return 1
exec
exec /bin/sh
exec sh
mount LABEL=GENTOO --rw --options ro
mount LABEL=GENTOO --options rw
luks-open /dev/sdb1 --key-file /a --passphrase b
menu "m" --timeout 150 { entry a { } }
menu "m" { entry a --key x { }; entry b --key x { } }
fail a --class b
"""


@pytest.mark.parametrize("line", FAULTY.splitlines())
def test_checker_and_interpreter_say_the_same(line: str) -> None:
    text = PRELUDE + line + "\n"
    found = [item for item in check_source(Source("t.kxs", text)) if item.severity == "error"]
    with pytest.raises(KxshError) as raised:
        Interpreter(standard_machine(), LineConsole(), esp=ESP).run_script(Source("t.kxs", text))
    error = raised.value
    assert error.span is not None
    seen = [(item.code, item.message, item.help, str(item.span)) for item in found]
    assert (error.code, error.message, error.hint, str(error.span)) in seen


def test_a_parse_error_is_one_finding() -> None:
    found = check_source(Source("t.kxs", "kxs 1\nsay (\n"))
    assert [(item.code, item.severity) for item in found] == [("KX000", "error")]


def test_the_prompt_knows_its_variables_and_forgives_the_unused() -> None:
    assert findings("say $d", prompt=True, known=Known({"d": DEVICE})) == []
    assert findings("let x = 1", prompt=True) == []
    assert findings("${d.labl}", prompt=True, known=Known({"d": DEVICE})) == [
        ("KX107", "a device has no field `labl`", "d.labl")
    ]
    (function,) = parse_script(Source("t.kxs", "fn f(a: int) { say $a }\n")).statements
    assert isinstance(function, ast.Function)
    known = Known({"d": DEVICE}, {"f": function}, ("m",))
    for line in ("f 1", "m.f 2", "let d = 1", "fn f() { say 1 }\nf"):
        assert findings(line, prompt=True, known=known) == []
    assert findings("f x", prompt=True, known=known) == [
        ("KX204", "`x` is not a whole number", "x")
    ]


@pytest.mark.parametrize(
    "line", ["1 +", "let x = ", "for n in [1, 2] {", "if true { try {", "say ("]
)
def test_the_prompt_waits_for_the_rest(line: str) -> None:
    assert findings(line, prompt=True) == []
    assert [code for code, *_ in findings(f"mont X\n{line}", prompt=True)] == ["KX201"]


def test_a_library_exports_what_it_does_not_use() -> None:
    assert findings("kxs 1\nlet x = 1\nfn f() { say $x }\n") == []


def test_depth_is_a_finding() -> None:
    """Long sums inside long sums: each within the parser's limits, together too deep."""
    text = "1"
    for _ in range(20):
        text = f"({text})" + " + 1" * 99
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        (found,) = check_source(Source("t.kxs", f"kxs 1\nlet _x = {text}\n"))
    finally:
        sys.setrecursionlimit(limit)
    assert (found.code, found.message) == ("KX000", "an expression is nested too deeply")


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("stdlib/*.kxs"), *ROOT.glob("examples/*.kxs")]),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_shipped_scripts_have_no_finding(path: Path) -> None:
    assert check_source(Source(path.name, path.read_text(encoding="utf-8"))) == []


def test_findings_come_in_the_order_of_the_text() -> None:
    text = "fn f() { say $a }\nsay $b\nf\nsay $c\n"
    assert [place for _, _, place in findings(text)] == ["$a", "$b", "$c"]


def test_every_code_that_is_found_is_in_the_table() -> None:
    codes = {
        code
        for path in FOLDER.rglob("*.kxs")
        for _, _, code in announced(path.read_text(encoding="utf-8"))
    }
    assert codes - set(CODES) == set()
    assert severity_of("KX102") == "warning"


# Told of comments, bytes and sizes: tests/unit/test_allow.py, test_hostile_scripts.py and others.
ELSEWHERE = {"KX901", "KX902", "KX903", "KX904"}


def test_every_code_has_cases() -> None:
    """Those that need facts of the world: tests/unit/test_check_facts.py, tests/image."""
    lines = [
        code
        for path in FOLDER.rglob("*.kxs")
        for _, _, code in announced(path.read_text(encoding="utf-8"))
    ]
    alone = {code.code for code in CODES.values() if not code.facts} - ELSEWHERE
    assert alone - set(lines) == set()
    assert len(lines) >= 300


def test_imports_without_a_finder_are_taken_as_they_come() -> None:
    assert findings('import "x.kxs"\nx.anything --goes 1 { say $nowhere }\n') == [
        ("KX101", "there is no variable `$nowhere`", "$nowhere")
    ]


def test_each_script_of_a_file_has_a_name_of_its_own() -> None:
    names = [case.id for case in scripts()]
    assert len(set(names)) == len(names)


def test_a_hundred_lines_are_checked_quickly() -> None:
    sample = (FOLDER / "near_misses.kxs").read_text(encoding="utf-8").partition("\n")[2]
    text = "kxs 1\n" + "".join(f"if true {{\n{sample}\n}}\n" for _ in range(2))
    assert text.count("\n") > 100
    source = Source("t.kxs", text)
    check_source(source)
    best = min(_timed(source) for _ in range(5))
    # 5 ms on an idle machine; the bound is for one that is busy.
    assert best < 0.2


def _timed(source: Source) -> float:
    begin = time.perf_counter()
    check_source(source)
    return time.perf_counter() - begin
