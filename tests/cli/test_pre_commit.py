"""The hooks of .pre-commit-hooks.yaml, run by pre-commit itself on a scratch repository.

Only the environment is not built, which would take a network: the program is this one's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

BIN = Path(sys.executable).parent


@pytest.fixture
def repository(root: Path, tmp_path: Path) -> Path:
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert {hook["language"] for hook in hooks} == {"python"}
    local = [hook | {"language": "system"} for hook in hooks]
    config = {"repos": [{"repo": "local", "hooks": local}]}
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (folder / "boot.kxs").write_text("kxs 1\nrecovery\n")
    (folder / "notes.txt").write_text("say   what\n")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def commit(folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "-C", str(folder), "add", "--all"], check=True)
    return subprocess.run(
        [str(BIN / "pre-commit"), "run", hook, "--all-files", "--color", "never"],
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        | {"PRE_COMMIT_HOME": str(folder.parent / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_manifest_is_valid(root: Path) -> None:
    manifest = str(root / ".pre-commit-hooks.yaml")
    done = subprocess.run([str(BIN / "pre-commit"), "validate-manifest", manifest], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("hook", ["kxsh-check", "kxsh-fmt"])
def test_what_is_in_order_passes(repository: Path, hook: str) -> None:
    done = commit(repository, hook)
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout


def test_a_mistake_stops_the_commit(repository: Path) -> None:
    (repository / "boot.kxs").write_text("kxs 1\nrecovery $no\n")
    done = commit(repository, "kxsh-check")
    assert done.returncode == 1
    assert "error[KX101]" in done.stdout


def test_a_script_out_of_shape_is_mended(repository: Path) -> None:
    (repository / "boot.kxs").write_text("kxs 1\nrecovery   now\n")
    done = commit(repository, "kxsh-fmt")
    assert (done.returncode, "files were modified" in done.stdout) == (1, True)
    assert (repository / "boot.kxs").read_text() == "kxs 1\nrecovery now\n"
    assert (repository / "notes.txt").read_text() == "say   what\n"
    assert commit(repository, "kxsh-fmt").returncode == 0
