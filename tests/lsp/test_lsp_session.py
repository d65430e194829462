"""A day at the keyboard: broken states in between, hostile documents, no extra installed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from client import Client

from kxsh.checker import check_source
from kxsh.source import Source

SCRIPT = """\
kxs 1
let image = mount (part ${esp.disk} 1)
## Start it.
fn go(which: entry, --extra: str = "") {
  say "now: \U0001f600 ${which.title}"
  load $which --set console=ttyS0
  exec
}
try { go (isolinux-entry $image/isolinux/isolinux.cfg) } else as e { recovery "$e" }
"""
QUESTIONS = "hover completion signatureHelp definition documentHighlight prepareRename".split(" ")


def ask_everything(client: Client, line: int, character: int) -> None:
    """Ask all about a place; an error in an answer fails."""
    place: dict[str, Any] = {
        "textDocument": {"uri": client.uri},
        "position": {"line": line, "character": character},
    }
    for question in QUESTIONS:
        client.ask(f"textDocument/{question}", **place)
    client.ask("textDocument/documentSymbol", textDocument={"uri": client.uri})
    options = {"tabSize": 2, "insertSpaces": True}
    client.ask("textDocument/formatting", textDocument={"uri": client.uri}, options=options)
    spot = {"start": place["position"], "end": place["position"]}
    context: dict[str, Any] = {"diagnostics": []}
    client.ask(
        "textDocument/codeAction", textDocument={"uri": client.uri}, range=spot, context=context
    )


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [item["code"] for item in found]


def checked(text: str) -> list[str]:
    return [item.code for item in check_source(Source("boot.kxs", text))]


def test_typing_a_script(client: Client) -> None:
    client.open("")
    line = character = 0
    for number, letter in enumerate(SCRIPT):
        here = {"line": line, "character": character}
        client.change({"range": {"start": here, "end": here}, "text": letter})
        if letter == "\n":
            line, character = line + 1, 0
        else:
            character += len(letter.encode("utf-16-le")) // 2
        if number % 5 == 0:
            ask_everything(client, line, character)
    client.text = SCRIPT
    assert codes(client.findings()) == checked(SCRIPT) == []


def test_deleting_and_putting_back(client: Client) -> None:
    client.open(SCRIPT)
    chance = random.Random(7)
    lines = SCRIPT.split("\n")
    for _ in range(40):
        line = chance.randrange(len(lines) - 1)
        ascii_only = lines[line].encode("ascii", "replace").decode()
        start = chance.randrange(len(ascii_only) + 1) if "?" not in ascii_only else 0
        end = chance.randint(start, len(ascii_only)) if start else start
        cut = lines[line][start:end]
        first, last = {"line": line, "character": start}, {"line": line, "character": end}
        client.change({"range": {"start": first, "end": last}, "text": ""})
        ask_everything(client, line, start)
        client.change({"range": {"start": first, "end": first}, "text": cut})
    assert codes(client.findings()) == []


HOSTILE = {
    "empty": "",
    "separators": "kxs 1\n# \u2028\u2029\x0b\x0c\x85\x1c\nsay $x \u2028 $y\n",
    "carriage returns": "kxs 1\rsay a\rsay $b\r",
    "mixed ends": "kxs 1\r\nsay $a\nsay $b\r\nsay $c\r",
    "emoji": "say \U0001f600\U0001f600 $x${y}\n",
    "nul": "kxs 1\nsay \x00\x01\x1b[31m\n",
    "combining": "say " + "e\u0301" * 100 + " $x\n",
    "right to left": "say \u202e$x\u202c\n",
    "lone surrogate": "say \ud83d $x\n",
    "open string": 'say "a\nlet x = ${\n',
    "open brackets": "if true { [ ( " * 60,
    "closing brackets": "} ] ) " * 200,
    "deep": "if true { " * 49 + "say $x" + " }" * 49,
    "long word": "say " + "a" * 200_000,
    "long line": "say " + "$x " * 5_000,
    "dollars": "$" * 3000,
    "options": "mount " + "--rw " * 3000,
    "keywords": "let set if else while for in match try as fn " * 200,
    "functions": "\n".join(f"fn f{number}() {{ f{number} }}" for number in range(500)),
    "cyclic import": 'kxs 1\nimport "boot.kxs"\n',
    "outside import": 'kxs 1\nimport "../../../../etc/passwd.kxs"\nimport "/etc/x.kxs"\n',
    "binary": bytes(range(1, 256)).decode("latin-1"),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents(client: Client, text: str) -> None:
    client.open(text)
    for line, character in [(0, 0), (0, 5), (1, 4), (0, 10**9), (10**9, 0), (2, 3)]:
        ask_everything(client, line, character)


def test_changes_that_make_no_sense(client: Client) -> None:
    client.open("kxs 1\nsay a\n")
    start, end = {"line": 9, "character": 9}, {"line": 0, "character": 0}
    client.change({"range": {"start": start, "end": end}, "text": "say b\nrecovery\n"})
    assert client.findings() == []
    client.tell("textDocument/didChange", textDocument={"uri": "file:///none", "version": 3},
                contentChanges=[{"text": "x"}])  # fmt: skip
    client.tell("textDocument/didClose", textDocument={"uri": "file:///none"})
    client.tell("$/setTrace", value="off")
    client.tell("no/such", a=1)
    ask_everything(client, 0, 0)


def test_many_changes_are_checked_once(client: Client) -> None:
    """Findings of an old version never come after those of a newer one."""
    client.open("kxs 1\nrecovery\n")
    for number in range(100):
        client.change({"text": f"kxs 1\nsay $x{number}\nrecovery\n"})
    assert [item["message"].partition("\n")[0] for item in client.findings()] == [
        "there is no variable `$x99`"
    ]


def test_findings_come_soon(client: Client) -> None:
    """`make bench` has the figure, some 30 ms; here only that it is not ten times the aim."""
    entry = "let r{0} = mount LABEL=A{0} else {{ recovery }}\nload $r{0}/a --cmdline ro\n"
    text = "kxs 1\n" + "".join(entry.format(number) for number in range(49)) + "exec\n"
    client.open(text)
    times = []
    for number in range(5):
        begin = time.perf_counter()
        client.change({"text": f"{text}# {number}\n"})
        client.findings()
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32", "utf-16"])
def test_other_units_are_agreed_on(tmp_path: Path, encoding: str) -> None:
    capabilities = {"general": {"positionEncodings": [encoding]}}
    with Client(tmp_path, capabilities) as client:
        assert client.server["capabilities"]["positionEncoding"] == encoding
        (found,) = client.open("kxs 1\nsay \U0001f600 $x\nrecovery\n")
        width = {"utf-8": 4, "utf-16": 2, "utf-32": 1}[encoding]
        assert found["range"]["start"] == {"line": 1, "character": 5 + width}


def test_an_untitled_document(client: Client) -> None:
    found = client.open('kxs 1\nimport "x.kxs"\nx.f\n', uri="untitled:Untitled-1")
    assert "KX507" in codes(found)


def test_without_the_extra_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None\n"
        "from kxsh.cli import main; sys.exit(main(['--lsp']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install '.[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_lsp_takes_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kxsh.cli", "--lsp", "a.kxs"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "--lsp takes nothing else" in done.stderr) == (2, True)
