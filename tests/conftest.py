"""What all tests share: the run's folder, the reference data's place, and slow tests last."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import workers
from xdist.remote import Producer
from xdist.workermanage import WorkerController

ROOT = Path(__file__).resolve().parent.parent
BOOT = ROOT / "tests" / "boot"
RUN = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """A run in the background begins with Ctrl-C ignored, and so would every program that
    the tests start and then interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = tempfile.TemporaryDirectory(prefix="kxsh-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """What the processes made for each other is of no use to the next run."""
    if RUN in config.stash:
        config.stash[RUN].cleanup()


def pytest_configure_node(node: WorkerController) -> None:
    """Tell a process where the run's folder is."""
    node.workerinput["run"] = node.config.stash[RUN].name


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Only a run of all files has several processes, unless a person looks on (-s, --pdb)."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return workers.NUMBER if everything and config.option.capture != "no" else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> workers.Scheduler:
    """Share the tests out by files, in their order; the scheduler begins with big ones if let."""
    config.option.loadscopereorder = False
    return workers.Scheduler(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Let a test that is marked `alone` wait until the other processes do nothing."""
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with workers.turn(_run(item.config), item.get_closest_marker("alone") is not None):
        return (yield)


def _run(config: pytest.Config) -> Path:
    given: dict[str, str] | None = getattr(config, "workerinput", None)
    return Path(given["run"] if given else config.stash[RUN].name)


def pytest_runtest_teardown() -> None:
    """`kxsh --check` ends soon and collects no garbage; this process runs thousands of tests."""
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in tests/boot, and run quick tests first, boots last."""
    for item in items:
        if BOOT in item.path.parents:
            item.add_marker(pytest.mark.boot)
    items.sort(key=_cost)


def _cost(item: pytest.Item) -> int:
    if item.get_closest_marker("boot"):
        return 2
    return 1 if item.get_closest_marker("slow") else 0


@pytest.fixture(scope="session")
def store(worker_id: str, pytestconfig: pytest.Config) -> workers.Store:
    """What is made at most once in a run, however many processes it has."""
    return workers.Store(_run(pytestconfig), f"{worker_id}-")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference images and corpora, which is not part of the project.

    Tests that read it are skipped, and say so, on a machine that does not have it.
    """
    path = Path(os.environ.get("KXSH_SHARED", ROOT.parent / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip(f"no reference data in {path} (KXSH_SHARED names another place)")
    return path
