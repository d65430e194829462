"""Small busybox initramfs archives for the machines that tests, demo and bench need.

Not the loader's own initramfs (kxsh.image.initramfs): these hold busybox, a script and
what the script calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kxsh.image import cpio, kernel_modules, libraries, tools
from kxsh.image.kernel import Kernel

APPLETS = (
    "cat cp cttyhack echo findfs grep head insmod ls mdev mkdir modprobe mount mv poweroff "
    "reboot sed setsid sh sleep sync umount uname"
).split()
_FOLDERS = ("boot", "dev", "mnt/target", "proc", "root", "run", "sys", "tmp")


def build(
    init: str, *, programs: Sequence[str] = (), modules: Iterable[str] = (), kernel: Kernel | None
) -> bytes:
    """Return an uncompressed archive with busybox and the script `init`.

    `programs` are this machine's own, taken with their libraries; `modules` are modules
    of `kernel`, taken with what they need, for busybox's modprobe.
    """
    busybox = Path(tools.require("busybox"))
    members = [
        cpio.file("init", init.encode(), executable=True),
        cpio.file("bin/busybox", busybox.read_bytes(), executable=True),
        *(cpio.symlink(f"bin/{applet}", "busybox") for applet in APPLETS),
        *(cpio.directory(folder) for folder in _FOLDERS),
        # Until devtmpfs is mounted init has no other terminal.
        cpio.character_device("dev/console", 5, 1),
    ]
    members += _programs([Path(tools.require(program)) for program in programs])
    if kernel is not None:
        members += _modules(kernel, modules)
    return cpio.pack(members)


def _programs(programs: list[Path]) -> list[cpio.Member]:
    own = [cpio.file(f"sbin/{path.name}", path.read_bytes(), executable=True) for path in programs]
    shared = [
        cpio.file(place, path.read_bytes(), executable=True)
        for place, path in libraries.closure(programs).items()
    ]
    links = [cpio.symlink("lib", "usr/lib"), cpio.symlink("lib64", "usr/lib64")]
    return own + shared + (links if programs else [])


def _modules(kernel: Kernel, wanted: Iterable[str]) -> list[cpio.Member]:
    tree = kernel_modules.read_tree(kernel.modules)
    files = kernel_modules.contents(tree, tree.closure(wanted), kernel.version)
    return [cpio.file(item.path, item.data) for item in files]
