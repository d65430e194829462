"""What the helper PC has and lacks: programs, files, a kernel, QEMU's accelerator, Python."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kxsh.errors import KxshError
from kxsh.image import (
    accelerator,
    firmware,
    initramfs,
    kernel_modules,
    libraries,
    loader,
    manifest,
    python_runtime,
    tools,
)
from kxsh.image import kernel as kernels


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for. `where`: a path or a value; `package`: what brings it."""

    purpose: str
    name: str
    present: bool
    where: str = ""
    version: str = ""
    package: str = ""
    note: str = ""


# (what it is for, programs); the package of each is in tools.PACKAGES.
_PROGRAMS = (
    ("loader", ("kexec", "zstd")),
    ("adapt", ("mkfs.vfat", "mcopy", "mmd")),
    ("entries", ("grub-fstest", "rdsquashfs", "debugfs")),
    ("try", ("qemu-system-x86_64",)),
)


def examine() -> list[Finding]:
    """Look for everything that kximage uses; missing things are findings, not errors."""
    found = [_program(purpose, name) for purpose, names in _PROGRAMS for name in names]
    found.append(_attempt("loader", "busybox", tools.PACKAGES["busybox"], _static_busybox))
    found.append(_file("loader", loader.STUB))
    found += [_library(name) for name in ("libblkid.so.1", "libudev.so.1")]
    found += [_kernel(), _firmware()]
    found += _python()
    found.append(_accelerator(all(f.present for f in found if f.purpose == "try")))
    order = [purpose for purpose, _ in _PROGRAMS]
    found.sort(key=lambda f: order.index(f.purpose) if f.purpose in order else len(order))
    return _with_versions(found)


def _program(purpose: str, name: str) -> Finding:
    path = tools.which(name)
    return Finding(purpose, name, path is not None, path or "", "", tools.package_of(name) or "")


def _static_busybox() -> str:
    return str(initramfs.static_busybox())


def _file(purpose: str, path: Path) -> Finding:
    package = tools.package_of(str(path)) or ""
    return Finding(purpose, path.name, path.exists(), str(path), "", package)


def _library(soname: str) -> Finding:
    package = libraries.PACKAGES.get(soname, "")
    return _attempt("loader", soname, package, lambda: str(libraries.find(soname)))


def _kernel() -> Finding:
    def find() -> str:
        kernel = kernels.find()
        count = len(kernel_modules.choose(kernel_modules.read_tree(kernel.modules)))
        return f"{kernel.path} with {count} modules"

    return _attempt("loader", "kernel", tools.FILES["/boot/vmlinuz"], find)


def _firmware() -> Finding:
    return _attempt("try", "OVMF", "ovmf", lambda: str(firmware.find_ovmf().code))


def _python() -> Iterator[Finding]:
    base = python_runtime.base_interpreter()
    fits = sys.version_info >= (3, 11) and base.is_file()
    yield Finding("loader", "python", fits, str(base), platform.python_version())
    for name in (*python_runtime.DISTRIBUTIONS.values(), "lark", "pycdlib"):
        try:
            version = importlib.metadata.version(name)
            yield Finding("kxsh", name, True, "", version)
        except importlib.metadata.PackageNotFoundError:
            yield Finding("kxsh", name, False, package=f"pip install {name}")


def _accelerator(can_run: bool) -> Finding:
    if not can_run:
        return Finding("try", "accelerator", True, "unknown", note="QEMU or OVMF is missing")
    chosen = accelerator.choose()
    notes = {
        "kvm": "",
        "tcg": "KVM does not work here: QEMU emulates the processor, several times slower",
    }
    return Finding("try", "accelerator", True, chosen, note=notes[chosen])


def _attempt(purpose: str, name: str, package: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(purpose, name, True, find(), "", package)
    except KxshError as error:
        return Finding(purpose, name, False, "", "", package, error.message)


def _with_versions(found: list[Finding]) -> list[Finding]:
    """Add the versions of the Debian packages that the files came from, where dpkg knows."""
    paths = {f.where.split(" ")[0] for f in found if f.present and f.where.startswith("/")}
    if tools.which("dpkg-query") is None:
        return found
    owners = manifest.debian_packages(paths | {str(Path(path).resolve()) for path in paths})
    return [_with_version(finding, owners) for finding in found]


def _with_version(finding: Finding, owners: dict[str, str]) -> Finding:
    path = finding.where.split(" ")[0]
    owner = owners.get(path) or owners.get(str(Path(path).resolve()) if path else "", "")
    match = re.fullmatch(r"(\S+) (\S+)", owner)
    if finding.version or match is None:
        return finding
    package = finding.package or match[1]
    return Finding(
        finding.purpose, finding.name, True, finding.where, match[2], package, finding.note
    )
