"""The keyboard layout of the machine's own screen: loadkmap (busybox) or loadkeys(1)."""

from __future__ import annotations

import os

from kxsh.errors import Failure, IoFailure, NotFound
from kxsh.machine.linux import programs
from kxsh.text import display, nearest

# Binary tables, as `kximage loader` puts them there.
FOLDER = "/usr/share/keymaps"
SUFFIX = ".bmap"
# Layouts whose own letters Debian has in another one only, from before Unicode: `de` types
# brackets where de-latin1 types umlauts. `kximage loader` makes both names the latter.
WITH_LATIN1 = frozenset(("de", "dk", "fi", "fr", "fr_CH", "no", "sg"))
_LATIN1 = "-latin1"
_LIMIT = 64 * 1024


def load(name: str) -> None:
    """Load a layout such as ``de``. Raises `NotFound` where there is none of that name."""
    path = _table(name)
    if path:
        with open(path, "rb") as file:
            table = file.read(_LIMIT)
        done = programs.run(["busybox", "loadkmap"], capture=True, given=table, timeout=10)
    else:
        try:
            done = programs.run(["loadkeys", "-q", name], capture=True, timeout=10)
        except NotFound as error:
            raise _missing(name) from error
    if done.status:
        said = " ".join(done.output.split())
        unknown = "cannot open file" in said
        kind: type[Failure] = NotFound if unknown else IoFailure
        raise kind(
            f"the layout {display(name)} was not loaded: {display(said)}",
            hint="" if unknown else "layouts belong to the screen's keyboard, not to a serial line",
        )


def _table(name: str) -> str:
    """Return the path of a layout's table, also by its other name; empty: there is none."""
    base = name.removesuffix(_LATIN1)
    other = base if base in WITH_LATIN1 else name if base != name else f"{name}{_LATIN1}"
    paths = (f"{FOLDER}/{one}{SUFFIX}" for one in (name, other))
    return next((path for path in paths if os.path.exists(path)), "")


def _missing(name: str) -> NotFound:
    try:
        files = os.listdir(FOLDER)
    except OSError:
        files = []
    names = sorted(file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX))
    if not names:
        return NotFound(
            "there are no keyboard layouts here",
            hint="a loader that has them: `kximage loader --with keymaps`",
        )
    near = nearest(name, names)
    like = ", ".join(item for item in names if item[:2] == name[:2])
    return NotFound(
        f"there is no keyboard layout {display(name)}",
        hint=f"did you mean {near}?" if near else f"there are: {like or ', '.join(names)}",
    )
