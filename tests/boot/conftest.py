"""The boot tests' machines: images made once, two QEMUs at a time.

A test here that takes the fixture `lab` runs in a pool of two threads beside the others,
since it waits for an emulated machine most of its time. Apart from `lab` it may have
parameters, but no other fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from lab import Lab

AT_ONCE = 2
_futures: dict[str, Future[None]] = {}


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The images and machines of this session; ends every machine with it."""
    with Lab() as made, ThreadPoolExecutor(AT_ONCE, "boot") as pool:
        made.pool = pool
        try:
            yield made
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            made.end_machines()
    _futures.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test of the lab in the pool; the first one starts them all, in order."""
    if "lab" not in pyfuncitem.fixturenames:
        return None
    lab: Lab = pyfuncitem.funcargs["lab"]
    if pyfuncitem.nodeid not in _futures:
        for item in pyfuncitem.session.items:
            if isinstance(item, pytest.Function) and "lab" in item.fixturenames:
                _futures[item.nodeid] = lab.pool.submit(item.obj, **_arguments(item, lab))
    _futures[pyfuncitem.nodeid].result()
    return True


def _arguments(item: pytest.Function, lab: Lab) -> dict[str, object]:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return {"lab": lab, **parameters}
