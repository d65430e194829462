"""`bootx64.efi`: systemd's stub, a Linux kernel and the initramfs as one EFI program."""

from __future__ import annotations

import importlib.metadata
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from kxsh.errors import FormatFailure, NotFound
from kxsh.image import initramfs, manifest, tools, uki
from kxsh.image.manifest import Content
from kxsh.image.progress import Progress
from kxsh.text import size

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")

# Why each is there:
#   console=       messages on video and serial line
#   quiet loglevel a clean screen; warnings and worse stay visible
#   no5lvl         kernels before 4.14 refuse to be started from 5-level paging (K2)
#   nomodeset      no driver may change the video mode before the jump (K18)
#   *_iommu=off    devices keep doing DMA over the jump; the target sets its own (K31)
#   panic=30       a kernel that dies restarts the machine (R2)
CMDLINE = (
    "console=ttyS0,115200 console=tty0 quiet loglevel=4 no5lvl nomodeset "
    "intel_iommu=off amd_iommu=off panic=30"
)

RELEASE_LEVEL = 19

_OS_RELEASE = """\
ID=kxsh
NAME=kxsh
VERSION_ID={version}
PRETTY_NAME="kxsh {version} (Linux {kernel})"
"""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A bzImage, its release (``6.1.0-13-amd64``) and the folder of its modules."""

    path: Path
    version: str
    modules: Path


@dataclass(frozen=True, slots=True)
class Loader:
    """A built loader and its manifest (JSON)."""

    data: bytes
    manifest: str


def find_kernel() -> Kernel:
    """Return the newest kernel in /boot that has its modules.

    Raises NotFound, naming the Debian package, when there is none.
    """
    found = []
    for path in Path("/boot").glob("vmlinuz-*"):
        version = path.name.removeprefix("vmlinuz-")
        modules = Path("/lib/modules") / version
        if (modules / "modules.dep").is_file():
            found.append(Kernel(path, version, modules))
    if not found:
        raise NotFound(
            "no Linux kernel with its modules (/boot/vmlinuz-VERSION, /lib/modules/VERSION)",
            hint=f"{tools.install_hint('/boot/vmlinuz')}, or give --kernel and --modules",
        )
    return max(found, key=lambda kernel: _version_key(kernel.version))


def given_kernel(path: Path, modules: Path) -> Kernel:
    """Return the kernel at `path` with the modules in `modules`.

    Raises FormatFailure when `path` is not a bzImage.
    """
    return Kernel(path, kernel_version(path.read_bytes()), modules)


def _version_key(version: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.+~-]", version)
    ]


def kernel_version(image: bytes) -> str:
    """Return the release that a bzImage names.

    Source: the kernel's Documentation/arch/x86/boot.rst, field kernel_version (0x20E).
    """
    if image[0x202:0x206] != b"HdrS":
        raise FormatFailure("not a Linux kernel (bzImage): it has no HdrS signature")
    (offset,) = struct.unpack_from("<H", image, 0x20E)
    text = image[offset + 0x200 : offset + 0x400].partition(b"\0")[0]
    return text.decode("ascii", "replace").partition(" ")[0]


def build(
    kernel: Kernel | None = None,
    *,
    cmdline: str = CMDLINE,
    level: int = RELEASE_LEVEL,
    progress: Progress | None = None,
) -> Loader:
    """Build a loader; the same inputs give the same bytes.

    `kernel`: None finds the newest. `level`: zstd's, 1 to 19.
    Raises ImageError, NotFound or FormatFailure; what is missing is named with its
    Debian package.
    """
    progress = progress or Progress(quiet=True)
    stub = tools.require_file(STUB, "systemd's UEFI stub").read_bytes()
    tools.require("zstd")
    kernel = kernel or find_kernel()
    files = initramfs.contents(kernel.version, kernel.modules, progress)
    progress.step(f"compressing the initramfs (zstd -{level})")
    archive = initramfs.pack(files)
    # One thread: with more, the result would depend on the number of processors.
    options = [f"-{level}", "--single-thread", "--no-progress", "-c"]
    compressed = tools.run(["zstd", *options], input=archive, timeout=600)
    release = _OS_RELEASE.format(version=_version(), kernel=kernel.version)
    parts = [
        Content(".osrel", release.encode()),
        Content(".uname", kernel.version.encode()),
        Content(".cmdline", cmdline.encode()),
        Content(".linux", kernel.path.read_bytes(), str(kernel.path)),
        Content(".initrd", compressed),
    ]
    data = uki.build(stub, {part.path: part.data for part in parts})
    progress.step(f"bootx64.efi: {size(len(data))} (initramfs {size(len(compressed))})")
    parts = manifest.with_debian_packages([Content("stub", stub, str(STUB)), *parts])
    facts = {
        "kxsh": _version(),
        "kernel": kernel.version,
        "sha256": manifest.sha256(data),
        "initramfs_sha256": manifest.sha256(archive),
    }
    return Loader(data, manifest.as_json(files, parts, facts))


def _version() -> str:
    return importlib.metadata.version("kxsh")


def write(loader: Loader, path: Path) -> None:
    """Write the loader and `PATH.manifest.json`, each whole or not at all."""
    _write_whole(path.with_name(f"{path.name}.manifest.json"), loader.manifest.encode())
    _write_whole(path, loader.data)


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
