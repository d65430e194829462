"""The manual pages are clean and whole, and three shells complete an option by our files."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from kxsh.cli.arguments import build_parser
from kxsh.image import cli as image_cli

BIN = str(Path(sys.executable).parent)
PATH = f"{BIN}:/usr/bin:/bin"
PROGRAMS = ("kxsh", "kximage")


@pytest.fixture(scope="module")
def share(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manuals")
    program = [sys.executable, str(root / "scripts" / "manuals.py"), str(folder)]
    subprocess.run(program, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1580601600"})
    return folder / "share"


def parsers(program: str) -> Iterator[argparse.ArgumentParser]:
    if program == "kxsh":
        yield build_parser()
        return
    whole = image_cli.build_parser(every=True)
    yield whole
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def page(share: Path, program: str) -> str:
    """Return a manual page as it is shown, without its bold and underlined letters."""
    path = share / "man" / "man1" / f"{program}.1"
    done = subprocess.run(
        ["mandoc", "-Tutf8", "-O", "width=200", str(path)], capture_output=True, check=True
    )
    text = done.stdout.decode()
    while "\b" in text:
        place = text.index("\b")
        text = text[: place - 1] + text[place + 1 :]
    return text


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_is_clean(share: Path, program: str) -> None:
    path = str(share / "man" / "man1" / f"{program}.1")
    done = subprocess.run(
        ["mandoc", "-Tlint", "-W", "style", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_tells_every_option(share: Path, program: str) -> None:
    text = page(share, program)
    for parser in parsers(program):
        for action in parser._actions:
            for option in action.option_strings:
                assert f" {option}" in text, (parser.prog, option)
            help_text = (action.help or "").partition("%")[0]
            assert " ".join(help_text.split())[:50] in " ".join(text.split())
    assert "2020-02-02" in text, "the date of the build's sources"
    assert "EXIT STATUS" in text


def test_examples_stay_as_they_are(share: Path) -> None:
    lines = [line.strip() for line in page(share, "kxsh").splitlines()]
    assert (
        "kxsh --check boot.kxs                      find mistakes without running anything" in lines
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["kxsh", "--dr"], ["--dry-run"]),
        (["kxsh", "--format", "j"], ["json"]),
        (["kximage", "ad"], ["adapt"]),
        (["kximage", "try", "--firmware", "se"], ["seabios"]),
    ],
)
def test_bash_completes(share: Path, words: list[str], expected: list[str]) -> None:
    file = share / "bash-completion" / "completions" / words[0]
    program = (
        f"source '{file}'; set -- {' '.join(words)}\n"
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
        "read -r _ _ _ _ function _ < <(complete -p $1)\n"
        '$function; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == expected, done.stderr


def test_zsh_completes(share: Path) -> None:
    child = pexpect.spawn(
        "zsh", ["-f", "-i"], timeout=30, encoding="utf-8", env={"PATH": PATH, "TERM": "dumb"}
    )
    folder = share / "zsh" / "site-functions"
    child.sendline(f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print rea''dy")
    child.expect("ready")
    child.send("kxsh --dr\t")
    child.expect("--dry-run")
    child.send("\x15kximage try --firmware se\t")
    child.expect("--firmware seabios")
    child.close(force=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [("kxsh --dr", "--dry-run"), ("kximage ad", "adapt"), ("kximage try --firmware se", "seabios")],
)
def test_fish_completes(share: Path, tmp_path: Path, line: str, expected: str) -> None:
    folder = share / "fish" / "vendor_completions.d"
    program = f"set -p fish_complete_path {folder}; complete -C '{line}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", program],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"PATH": PATH, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.split("\t")[0] == expected, done.stderr
