"""Small busybox initramfs trees for machines that the tests, the demo and the bench need.

Not the product's own initramfs (kxsh.image builds that): these hold busybox, a script
and what it calls.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from kxsh.image import tools

APPLETS = (
    "sh mount umount insmod modprobe findfs blkid sleep cat echo poweroff grep head sed mkdir cp mv"
)


def build(
    target: Path,
    init: str,
    *,
    programs: Sequence[str] = (),
    modules: Iterable[str] = (),
    kernel: str = "",
    compress: Sequence[str] = ("gzip", "-1"),
) -> Path:
    """Write an initramfs with busybox and the script `init`; return `target`.

    `programs` are the helper PC's own, taken with their libraries; `modules` are kernel
    modules of the release `kernel`, taken with what they depend on and listed in
    /modules in the order to load them.
    """
    tree = target.with_name(target.name + ".tree")
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("bin", "sbin", "proc", "sys", "dev", "mnt", "run", "tmp"):
        (tree / folder).mkdir(parents=True)
    shutil.copy2(tools.require("busybox"), tree / "bin/busybox")
    for applet in APPLETS.split():
        (tree / "bin" / applet).symlink_to("busybox")
    (tree / "init").write_text(init)
    (tree / "init").chmod(0o755)
    for program in programs:
        _add_program(tree, tools.require(program))
    _add_modules(tree, kernel, modules)
    _pack(tree, target, compress)
    shutil.rmtree(tree)
    return target


def _add_program(tree: Path, program: str) -> None:
    shutil.copy2(program, tree / "sbin" / Path(program).name)
    for line in tools.run(["ldd", program]).decode().splitlines():
        library = next((word for word in line.split() if word.startswith("/")), None)
        if library:
            place = tree / library.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, place)


def _add_modules(tree: Path, kernel: str, names: Iterable[str]) -> None:
    order: list[str] = []
    if kernel:
        known = _dependencies(kernel)
        for name in names:
            for path in [*reversed(known[name][1:]), known[name][0]]:
                if path not in order:
                    order.append(path)
    for path in order:
        place = tree / "lib/modules" / kernel / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path("/lib/modules") / kernel / path, place)
    (tree / "modules").write_text("".join(f"/lib/modules/{kernel}/{path}\n" for path in order))


def _dependencies(kernel: str) -> dict[str, list[str]]:
    listing = tools.require_file(Path("/lib/modules") / kernel / "modules.dep").read_text()
    known = {}
    for line in listing.splitlines():
        path, _, needs = line.partition(":")
        known[Path(path).name.partition(".ko")[0]] = [path, *needs.split()]
    return known


def _pack(tree: Path, target: Path, compress: Sequence[str]) -> None:
    names = sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))
    # busybox's own cpio: no further package.
    archive = tools.run(
        ["busybox", "cpio", "-o", "-H", "newc"], input="\n".join(names).encode(), cwd=tree
    )
    with target.open("wb") as out:
        subprocess.run(compress, input=archive, stdout=out, check=True)


def newest_kernel() -> tuple[Path, str]:
    """Return the newest installed Debian kernel that has its modules, and its release."""
    found = sorted(
        (path for path in Path("/boot").glob("vmlinuz-*") if _modules_of(path).is_dir()),
        key=lambda path: os.stat(path).st_mtime,
    )
    if not found:
        tools.require_file("/boot/vmlinuz", "a Linux kernel")
    return found[-1], found[-1].name.removeprefix("vmlinuz-")


def _modules_of(kernel: Path) -> Path:
    return Path("/lib/modules") / kernel.name.removeprefix("vmlinuz-")
