"""The Linux kernel that the loader is made of: a bzImage and its modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kxsh.boot.kernel import inspect_kernel
from kxsh.errors import FormatFailure, NotFound
from kxsh.image import tools
from kxsh.machine.given_file import open_given

BOOT = Path("/boot")
MODULES = Path("/lib/modules")


@dataclass(frozen=True, slots=True)
class Kernel:
    """A bzImage, its release (``6.1.0-13-amd64``) and the folder of its modules."""

    path: Path
    version: str
    modules: Path


def find() -> Kernel:
    """Return the newest kernel in /boot that has its modules.

    Raises NotFound, naming the Debian package, when there is none.
    """
    found = []
    for path in BOOT.glob("vmlinuz-*"):
        version = path.name.removeprefix("vmlinuz-")
        modules = MODULES / version
        if (modules / "modules.dep").is_file():
            found.append(Kernel(path, version, modules))
    if not found:
        raise NotFound(
            "no Linux kernel with its modules (/boot/vmlinuz-VERSION, /lib/modules/VERSION)",
            hint=f"{tools.install_hint('/boot/vmlinuz')}, or give --kernel and --modules",
        )
    return max(found, key=lambda kernel: _version_key(kernel.version))


def given(path: Path, modules: Path) -> Kernel:
    """Return the kernel at `path` with the modules in `modules`.

    Raises FormatFailure when `path` is not a bzImage that says its release.
    """
    with open_given(path) as stream:
        facts = inspect_kernel(stream, path.stat().st_size)
    release = facts.version.partition(" ")[0]
    if facts.wrong or not release:
        raise FormatFailure(
            f"{path} cannot be the loader's kernel: {facts.wrong or f'it is {facts.kind}'}",
            hint="give a bzImage, as in /boot/vmlinuz-VERSION",
        )
    return Kernel(path, release, modules)


def _version_key(version: str) -> list[tuple[int, int, str]]:
    """Return what sorts releases as people do: 6.1.0-9 before 6.1.0-10, rc before both."""
    return [
        (
            -1 if part.startswith("rc") else int(part.isdigit()),
            int(part) if part.isdigit() else 0,
            part,
        )
        for part in re.split(r"[.+~-]", version)
    ]
