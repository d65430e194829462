"""Block devices as the kernel announces them: pyudev, without udevd.

Enumeration, attributes and the monitor's ``kernel`` source need no daemon; what
udevd would add (ID_FS_TYPE, links) comes from libblkid instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from kxsh.errors import IoFailure, from_os_error

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any


def open_context() -> tuple[Any, Any]:
    """Return a `pyudev.Context` and a started monitor of the kernel's block events."""
    try:
        with _without_a_compiler():
            import pyudev

            context = pyudev.Context()
    except ImportError as error:
        raise IoFailure(f"libudev.so.1 cannot be loaded: {error}") from error
    try:
        monitor = pyudev.Monitor.from_netlink(context, source="kernel")
        monitor.filter_by("block")
        monitor.start()
    except OSError as error:
        raise from_os_error(error, "listening to the kernel's device events") from error
    return context, monitor


@contextmanager
def _without_a_compiler() -> Iterator[None]:
    """Let pyudev be imported where there is neither ldconfig nor gcc, and faster.

    pyudev looks its library up with `ctypes.util.find_library`, which asks those
    programs, and imports subprocess for one function that is not used here. Stand-ins
    for both save a third of the import; they are gone again when this returns.
    """
    loader = ModuleType("ctypes.util")
    loader.find_library = _library  # type: ignore[attr-defined]
    programs = ModuleType("subprocess")
    programs.check_output = None  # type: ignore[attr-defined]
    wanted = {"ctypes.util": loader}
    if "subprocess" not in sys.modules:
        wanted["subprocess"] = programs
    before = {name: sys.modules.get(name) for name in wanted}
    sys.modules.update(wanted)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _library(name: str) -> str | None:
    """Return the soname that pyudev's name for a library stands for."""
    return {"udev": "libudev.so.1", "c": "libc.so.6"}.get(name)
