"""What this system has: kernel modules, filesystems, programs, features of a loader."""

from __future__ import annotations

import os

from kxsh.machine.linux import programs
from kxsh.machine.linux.filesystems import KERNEL_NAMES
from kxsh.machine.linux.modules import Modules

_FILESYSTEMS = "/proc/filesystems"


def has(modules: Modules, kind: str, name: str) -> bool:
    """Tell whether there is a module, filesystem, program or feature of that name; nothing is
    loaded and nothing is started for it."""
    if kind == "module":
        return modules.has(name)
    if kind == "filesystem":
        known = KERNEL_NAMES.get(name, name)
        return known in _filesystems() or modules.has(f"fs-{known}") or modules.has(known)
    if kind == "feature":
        there = all(_is_program(program) for program in programs.FEATURES[name])
        return there and (name != "net" or _has_http())
    return _is_program(name)


def _filesystems() -> set[str]:
    """Return what the kernel can mount from a disk now."""
    try:
        with open(_FILESYSTEMS, encoding="ascii", errors="replace") as file:
            return {line.strip() for line in file if not line.startswith("nodev")}
    except OSError:
        return set()


def _is_program(name: str) -> bool:
    folders = os.environ.get("PATH", os.defpath).split(":") if "/" not in name else [""]
    paths = [os.path.join(folder, name) for folder in folders]
    return any(os.path.isfile(path) and os.access(path, os.X_OK) for path in paths)


def _has_http() -> bool:
    """Tell whether Python can fetch over TLS, which a loader has only with the network."""
    from importlib.util import find_spec

    return find_spec("http") is not None and find_spec("_ssl") is not None
