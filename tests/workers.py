"""How a run is shared out to processes (``pytest -n 2``), and what those share.

A process makes a fixture for itself alone, so it is given whole files. What many files need
is made once for all of them, in a folder of the run.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from xdist.scheduler import LoadScopeScheduling

# Two: a boot test has a QEMU, which wants a core and up to a gigabyte for itself.
NUMBER = 2
# Long files whose tests have nothing in common but what is in the store: a process is given
# one test at a time.
SPLIT = ("tests/boot/", "tests/console/test_random_keys.py")
# ... but for these, which ask one running machine all their questions.
WHOLE = "_oracle.py"

Made = TypeVar("Made")


class Scheduler(LoadScopeScheduling):
    """Gives each process the next file, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return nodeid if path.startswith(SPLIT) and not path.endswith(WHOLE) else path


class Store:
    """What the processes of a run make in its folder, each thing at most once.

    `owner` is a name that no other process of the run has.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder = folder
        self._owner = owner
        self._numbers = itertools.count()

    def path(self, suffix: str) -> Path:
        """Return a fresh path."""
        return self.folder / f"{self._owner}{next(self._numbers)}{suffix}"

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """Return what `make` made for `key`, here or in another process, which is waited for.

        The key is what its `repr` says; what is made can be pickled.
        """
        kept = self.folder / hashlib.sha256(repr(key).encode()).hexdigest()
        with _locked(kept.with_suffix(".lock"), fcntl.LOCK_EX):
            if not kept.exists():
                made = make()
                new = kept.with_suffix(".new")
                new.write_bytes(pickle.dumps(made))
                new.replace(kept)
            return cast(Made, pickle.loads(kept.read_bytes()))


@contextmanager
def turn(folder: Path, alone: bool) -> Iterator[None]:
    """Have a turn beside the other processes' tests, or `alone`: while none of them has one.

    Who waits to be alone holds the door, so that the others do not come in one after another.
    """
    inside = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with _locked(folder / "door", fcntl.LOCK_EX) as door, _locked(folder / "room", inside):
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        # Said aloud: a child that was forked meanwhile would go on holding it.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
