"""What is shipped: the wheel and the sdist hold all that kxsh needs, and run.

Everything is built without isolation and installed without dependencies, which come from
the environment of the tests by a .pth file: no network is needed.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_ASK = "from kxsh import resources as r; print(r.root()); print(len(r.grammar_text()))"


@dataclass(frozen=True, slots=True)
class Distributions:
    sdist: Path
    wheel: Path


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with the wheel in it."""

    folder: Path

    def run(self, *argv: str, code: int = 0) -> str:
        """Run a program of the environment away from the checkout; return what it wrote."""
        done = subprocess.run(
            [str(self.folder / "bin" / argv[0]), *argv[1:]],
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def python(self, program: str) -> list[str]:
        return self.run("python", "-P", "-W", "error", "-c", program).splitlines()


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The sdist of the checkout, and the wheel that is built from that sdist."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(root)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return Distributions(sdist, wheel)


@pytest.fixture(scope="module")
def installed(built: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python)),
            *("install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-index", str(built.wheel)),
        ],
        check=True,
        timeout=120,
    )
    # A folder that is named in a .pth file gets none of its own .pth files read, so the
    # checkout's editable installation stays out of sight.
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Environment(folder)


def _library(root: Path) -> set[str]:
    return {path.stem for path in (root / "stdlib").glob("*.kxs")}


def test_the_wheel_holds_the_data_and_nothing_else(built: Distributions, root: Path) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = archive.namelist()
    data = {name for name in names if name.startswith("kxsh/_data/")}
    assert data == {
        "kxsh/_data/data/kernel-parameters.txt",
        "kxsh/_data/data/messages.txt",
        "kxsh/_data/grammar/kxsh.lark",
        "kxsh/_data/grammar/kxsh.tables",
        *(f"kxsh/_data/stdlib/{name}.kxs" for name in _library(root)),
    }
    assert {name.split("/")[0].split("-")[0] for name in names} == {"kxsh"}
    modules = {name for name in names if name.endswith(".py")}
    assert modules == {str(path.relative_to(root)) for path in (root / "kxsh").rglob("*.py")}


def test_the_sdist_can_be_worked_on(built: Distributions) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"Makefile", "LICENSE", "CONTRIBUTING.md", "grammar/kxsh.lark", "scripts/setup"}
    assert wanted <= names
    assert "tests/packaging/test_wheel.py" in names
    assert not {name for name in names if name.startswith(".venv") or name.endswith(".tables")}


def test_an_installed_wheel_brings_manuals_and_completions(installed: Environment) -> None:
    share = installed.folder / "share"
    for program in ("kxsh", "kximage"):
        assert (share / "man" / "man1" / f"{program}.1").read_text().startswith(".TH ")
        assert (share / "bash-completion" / "completions" / program).is_file()
        assert (share / "zsh" / "site-functions" / f"_{program}").is_file()
        assert (share / "fish" / "vendor_completions.d" / f"{program}.fish").is_file()


def test_an_installed_wheel_finds_its_data(installed: Environment, root: Path) -> None:
    where, length = installed.python(_ASK)
    assert Path(where).is_relative_to(installed.folder)
    assert int(length) == len((root / "grammar" / "kxsh.lark").read_text(encoding="utf-8"))
    names = installed.python("from kxsh import resources as r; print(*r.stdlib_names())")
    assert set(" ".join(names).split()) == _library(root)


def test_an_installed_wheel_uses_its_saved_tables(installed: Environment) -> None:
    """Lark is not needed where the tables fit the grammar."""
    program = (
        "import sys; from kxsh.source import Source; from kxsh.syntax import parser\n"
        "sys.modules['lark'] = None\n"
        "print(type(parser.parse_script(Source('boot.kxs', 'kxs 1\\nsay hello'))).__name__)"
    )
    assert installed.python(program) == ["Script"]


@pytest.mark.parametrize("program", ["kxsh", "kximage"])
def test_the_installed_programs_start(installed: Environment, program: str) -> None:
    assert f"usage: {program}" in installed.run(program, "--help").lower()


def test_an_installed_kxsh_runs_a_script(installed: Environment) -> None:
    assert installed.run("kxsh", "-c", 'say "hello from a wheel"') == "hello from a wheel\n"


def test_the_editable_installation_reads_the_checkout(root: Path, tmp_path: Path) -> None:
    """What `make setup` made, and these tests run in."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ASK],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout.splitlines()[0] == str(root)
