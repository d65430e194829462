"""Scripts side by side in docs/from-*.md: the left column is right in its own language, the
right one is kxs without a finding, and runs.

Columns are parted by a `|` that stands where the block's first line has it.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from standard_machine import run_text
from test_docs import Block, of_kind

from kxsh.checker import check_source
from kxsh.errors import RecoveryRequest
from kxsh.interpreter.imports import importer
from kxsh.machine.protocol import Ended
from kxsh.source import Source

# page -> the program that says whether its left columns are right
JUDGES = {"from-shell.md": ["sh", "-n"], "from-grub.md": ["grub-script-check"]}


def columns(block: Block) -> tuple[str, str]:
    lines = block.text.splitlines()
    middle = lines[0].index("| # ")
    left, right = [], []
    for line in lines:
        assert line[middle : middle + 1] in ("", "|"), f"{block.page.name}: no column in: {line}"
        left.append(line[:middle].rstrip())
        right.append(line[middle + 2 :].rstrip())
    return "\n".join(left) + "\n", "\n".join(right) + "\n"


@pytest.mark.parametrize("block", of_kind("side"))
def test_left(block: Block, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(columns(block)[0], encoding="utf-8")
    judge = [*JUDGES[block.page.name], str(script)]
    done = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", of_kind("side"))
def test_right(block: Block) -> None:
    text = f"kxs 1\n{columns(block)[1]}"
    assert check_source(Source("doc.kxs", text), find_import=importer(None, "/")) == []
    with suppress(Ended, RecoveryRequest):
        run_text(text)


def test_both_pages_have_some() -> None:
    pages = [parameter.values[0].page.name for parameter in of_kind("side")]
    assert all(pages.count(name) >= 8 for name in JUDGES)


def test_a_wrong_side_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "from-shell.md"
    bad = Block(page, "side", 1, "# ash    | # kxs\nif x     | say $nothing\n")
    with pytest.raises(AssertionError):
        test_left(bad, tmp_path)
    with pytest.raises(AssertionError):
        test_right(bad)
