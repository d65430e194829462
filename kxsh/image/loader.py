"""`bootx64.efi`: systemd's stub, a Linux kernel and the initramfs as one EFI program."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kxsh import resources
from kxsh.image import features, initramfs, libraries, manifest, python_runtime, tools, uki
from kxsh.image import kernel as kernels
from kxsh.image.kernel import Kernel
from kxsh.image.manifest import Content
from kxsh.image.output import OutputFile, check_space
from kxsh.image.progress import Progress
from kxsh.text import size

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")

# Why each is there:
#   console=       messages on video and serial line
#   quiet loglevel a clean screen; warnings and worse stay visible
#   no5lvl         kernels before 4.14 refuse to be started from 5-level paging (K2)
#   nomodeset      no driver may change the video mode before the jump (K18)
#   *_iommu=off    devices keep doing DMA over the jump; the target sets its own (K31)
#   notests        crypto self-tests cost a second of emulated time (measured)
#   init_on_alloc  clearing each page first costs a quarter of the time to load (measured)
#   panic=30       a kernel that dies restarts the machine (R2)
CMDLINE = (
    "console=ttyS0,115200 console=tty0 quiet loglevel=4 no5lvl nomodeset "
    "intel_iommu=off amd_iommu=off cryptomgr.notests init_on_alloc=0 panic=30"
)

RELEASE_LEVEL = 19

_KEPT = 4
_PACKAGE = Path(__file__).parent.parent

_OS_RELEASE = """\
ID=kxsh
NAME=kxsh
VERSION_ID={version}
PRETTY_NAME="kxsh {version} (Linux {kernel})"
"""


@dataclass(frozen=True, slots=True)
class Loader:
    """A built loader and its manifest (JSON)."""

    data: bytes
    manifest: str


def build(
    kernel: Kernel | None = None,
    *,
    cmdline: str = CMDLINE,
    level: int = RELEASE_LEVEL,
    progress: Progress | None = None,
    wanted: Sequence[str] = (),
) -> Loader:
    """Build a loader; the same inputs give the same bytes.

    `kernel`: None finds the newest. `level`: zstd's, 1 to 19. `wanted`: features besides
    (`kxsh.image.features`).
    Raises ImageError, NotFound or FormatFailure; what is missing is named with its
    Debian package.
    """
    progress = progress or Progress(quiet=True)
    stub = tools.require_file(STUB, "systemd's UEFI stub").read_bytes()
    tools.require("zstd")
    kernel = kernel or kernels.find()
    files = initramfs.contents(kernel.version, kernel.modules, progress, wanted)
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


def default_loader(progress: Progress | None = None, wanted: Sequence[str] = ()) -> Path:
    """Return the loader made of this machine's kernel and this kxsh, built when needed;
    `wanted` are features besides.

    It is kept in $XDG_CACHE_HOME/kxsh (~/.cache/kxsh) under a hash of its inputs; several
    processes may ask at once. Raises what `build` raises.
    """
    progress = progress or Progress(quiet=True)
    kernel = kernels.find()
    folder = cache_folder()
    path = folder / f"bootx64-{_inputs_hash(kernel, wanted)}.efi"
    if path.is_file():
        progress.step(f"the loader built before: {path}")
        return path
    progress.step("building the loader (kept for the next time)")
    folder.mkdir(parents=True, exist_ok=True)
    write(build(kernel, progress=progress, wanted=wanted), path)
    _prune(folder)
    return path


def cache_folder() -> Path:
    """Return the folder of built loaders; it need not exist."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kxsh"


def write(built: Loader, path: Path) -> None:
    """Write the loader and `PATH.manifest.json`, each whole or not at all."""
    _write_whole(path.with_name(f"{path.name}.manifest.json"), built.manifest.encode())
    _write_whole(path, built.data)


def _write_whole(path: Path, data: bytes) -> None:
    with OutputFile(path, replace=True) as output:
        check_space(output.fd, path.parent, len(data))
        with open(output.fd, "wb", closefd=False) as stream:
            stream.write(data)
        output.commit()


def _prune(folder: Path) -> None:
    loaders = sorted(folder.glob("bootx64-*.efi"), key=lambda path: path.stat().st_mtime)
    for path in loaders[:-_KEPT]:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.manifest.json").unlink(missing_ok=True)


def _inputs_hash(kernel: Kernel, wanted: Sequence[str]) -> str:
    """Hash kxsh's own files whole; the system's by name, size and time of change."""
    digest = hashlib.sha256()
    for line in (*_own_inputs(), *_system_inputs(kernel, wanted), *wanted):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()[:16]


def _own_inputs() -> Iterator[str]:
    yield f"{CMDLINE} {RELEASE_LEVEL} {sys.version}"
    for name in python_runtime.DISTRIBUTIONS.values():
        yield f"{name} {importlib.metadata.version(name)}"
    data = Path(resources.root())
    files = [Path(resources.grammar_path()), Path(resources.parameters_path())]
    files += (data / "stdlib").glob("*.kxs")
    files += [path for pattern in ("*.py", "*.sh") for path in _PACKAGE.rglob(pattern)]
    for path in sorted(files):
        yield f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _system_inputs(kernel: Kernel, wanted: Sequence[str]) -> Iterator[str]:
    programs = [Path(tools.require(name)) for name in ("busybox", "kexec", "zstd")]
    shared = [libraries.find(name) for name in ("libc.so.6", *python_runtime.DLOPENED)]
    tables = kernel.modules / "modules.dep"
    stub = tools.require_file(STUB, "systemd's UEFI stub")
    system = (*programs, *shared, kernel.path, tables, stub, Path(os.__file__))
    for path in (*system, *features.common_layouts().values(), *features.paths(wanted)):
        facts = path.stat()
        yield f"{path} {facts.st_size} {facts.st_mtime_ns}"
