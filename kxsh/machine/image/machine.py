"""`ImageMachine`: images as a machine's disks. It reads them, and writes down the rest."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import NoReturn, TextIO

from kxsh.errors import IoFailure, TimedOut, from_os_error
from kxsh.machine.image.mounts import VirtualMounts
from kxsh.machine.image.volume import ImageSpec, Volumes
from kxsh.machine.protocol import (
    Action,
    Completed,
    Device,
    Download,
    Ended,
    FirmwareEntry,
    KernelImage,
    LoadMethod,
    Mount,
    Opened,
    Root,
)
from kxsh.machine.recording import unopened
from kxsh.text import GIB, display, duration

_CHUNK = 1 << 20


class ImageMachine:
    """A machine whose disks are `images`; see `protocol.Machine`.

    Files are real, effects are not: they are written down in `actions`, in the words of
    `RecordingMachine`. Every device is there from the start, so waiting for another one
    only moves the clock. `loaded` is the kernel that would start,
    `loaded_digests` the SHA-256 of its files by path. What is written to the
    terminal goes to `stream` (None: nowhere). Close it, or use it with ``with``.
    """

    def __init__(
        self, images: Sequence[ImageSpec], *, memory: int = GIB, stream: TextIO | None = None
    ) -> None:
        self.actions: list[Action] = []
        self.loaded: KernelImage | None = None
        self._memory = memory
        self._stream = stream
        self._clock = 0.0
        self._looped = 0
        self._digests: dict[str, str] = {}
        self.loaded_digests: dict[str, str] = {}
        self._volumes = Volumes(images)
        self._mounts = VirtualMounts(self._volumes)

    def __enter__(self) -> ImageMachine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the images and remove temporary files."""
        self._volumes.close()

    @property
    def problems(self) -> list[str]:
        """What is odd about the images' partition tables, one line each."""
        return list(self._volumes.problems)

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file, in hex; every byte of it is read."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = self._hash(path)
        return known

    # -- devices

    def devices(self) -> list[Device]:
        return self._volumes.devices()

    def departed(self) -> list[Device]:
        return []

    def wait_for_change(self, deadline: float) -> bool:
        if math.isinf(deadline):
            raise TimedOut("no other device will come: an image has all of its devices at once")
        self._clock = max(self._clock, deadline)
        return False

    def add_empty(self, device: Device) -> Device:
        """Put a device with an empty filesystem in, and return it."""
        return self._volumes.add_empty(device)

    # -- filesystems

    def mount(
        self,
        device: Device,
        where: str = "",
        *,
        fstype: str = "",
        options: Sequence[str] = (),
        writable: bool = False,
    ) -> Mount:
        words = [device.path, *([where] if where else [])]
        words += [f"--type={fstype}"] if fstype else []
        words += [f"--option={option}" for option in options]
        words += ["--writable"] if writable else []
        self._note("mount", *words)
        return self._mounts.mount(device, where, fstype, writable)

    def unmount(self, mount: Mount) -> None:
        self._note("unmount", mount.path)
        self._mounts.unmount(mount)
        self._digests.clear()

    def mounts(self) -> list[Mount]:
        return self._mounts.all()

    def mount_points(self) -> list[str]:
        return [mount.path for mount in self._mounts.all()]

    def reread_mounts(self, before: Sequence[str]) -> list[Mount]:
        return []  # no program runs on an image

    def locate(self, path: str) -> tuple[Root, str]:
        return self._mounts.locate(path)

    def replace_file(self, path: str, data: bytes) -> None:
        self._note("write", path)

    # -- devices inside of others

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        self._note("open-luks", device.path, name)
        raise unopened(f"the LUKS container {device}")

    def activate_volumes(self, group: str) -> Opened:
        self._note("activate-volumes", group)
        raise unopened(f"the volume group {display(group)}")

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        self._note("assemble-arrays", *(member.path for member in members))
        raise unopened("MD arrays")

    def open_loop(self, path: str) -> Opened:
        """Show an image inside of an image: read from a copy, as programs read files."""
        self._note("open-loop", path)
        root, inside = self.locate(path)
        name = f"/dev/loop{self._looped}"
        with root.open(inside) as file:
            devices = self._volumes.add_copy(file, name, path)
        self._looped += 1
        return Opened("loop", name, tuple(devices))

    def network_up(self, interface: str, timeout: float) -> Opened:
        self._note("network-up", *([interface] if interface else []))
        return Opened("borrowed", interface)

    def fetch(self, wanted: Download, progress: Callable[[int, int], None]) -> str:
        self._note("fetch", wanted.url)
        raise IoFailure(
            f"a rehearsal on an image has no network: {display(wanted.url)} was not fetched",
            hint="without --image, `kxsh --dry-run` fetches it",
        )

    def release(self, opened: Opened) -> None:
        self._note("release", opened.kind, opened.name)
        self._volumes.remove(opened.devices)

    # -- kernel, modules, programs

    def load_module(self, name: str, arguments: str = "") -> None:
        self._note("load-module", name, *arguments.split())

    def has(self, kind: str, name: str) -> bool:
        """Say yes, as loading and running it would: no loader is known here."""
        self._note("has", kind, f"{name}:", "not known here, taken for yes")
        return True

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        self._note("run", *argv)
        return Completed(0)

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        """Read every file in full, as loading would, and note the kernel."""
        self._note("load", *image.words())
        modules = (module.partition(" ")[0] for module in image.modules)
        files = (image.kernel, *image.initrds, image.dtb, *modules)
        self.loaded_digests = {
            path: self._hash(piece.path, piece.offset, piece.size)
            if (piece := image.piece(path))
            else self.digest(path)
            for path in files
            if path
        }
        self.loaded = image
        return image.method

    def kernel_loaded(self) -> bool:
        return self.loaded is not None

    def unload_kernel(self) -> None:
        self._note("unload")
        self.loaded = None

    def jump(self) -> NoReturn:
        self._note("jump")
        if self.loaded is None:
            raise IoFailure("no kernel is loaded to jump into", hint="`load` one first")
        raise Ended("jump")

    def memory_available(self) -> int:
        return self._memory

    def log_mark(self) -> int:
        return 0

    def log_since(self, mark: int) -> list[str]:
        return []

    def timed_log(self) -> list[tuple[float, str]]:
        return []

    # -- power, clock, terminal

    def firmware_entries(self) -> list[FirmwareEntry]:
        raise IoFailure("the firmware's boot entries are not in an image")

    def set_next_boot(self, number: int) -> None:
        self._note("next-boot", f"{number:04X}")

    def loader_partuuid(self) -> str:
        return ""

    def loader_variable(self, name: str) -> str:
        return ""

    def set_loader_variable(self, name: str, text: str) -> None:
        self._note("firmware-variable", name, text)

    def set_keymap(self, name: str) -> None:
        self._note("keymap", name)

    def sync(self) -> None:
        self._note("sync")

    def unwritten(self) -> int:
        return 0

    def reboot(self, *, firmware: bool = False) -> NoReturn:
        self._note("reboot", *(["--firmware"] if firmware else []))
        raise Ended("firmware" if firmware else "reboot")

    def poweroff(self) -> NoReturn:
        self._note("poweroff")
        raise Ended("poweroff")

    def now(self) -> float:
        return self._clock

    def sleep(self, seconds: float) -> None:
        self._note("sleep", duration(max(0.0, seconds)))
        self._clock += max(0.0, seconds)

    def write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)

    def _hash(self, path: str, offset: int = 0, size: int | None = None) -> str:
        root, inside = self.locate(path)
        digest = hashlib.sha256()
        with root.open(inside) as file:
            try:
                file.seek(offset)
                while data := file.read(_CHUNK if size is None else min(size, _CHUNK)):
                    digest.update(data)
                    size = None if size is None else size - len(data)
            except OSError as error:
                raise from_os_error(error, f"reading {display(path)}") from error
        return digest.hexdigest()

    def _note(self, verb: str, *words: str) -> None:
        self.actions.append(Action(verb, words))
