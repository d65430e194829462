"""What `kxsh --check` knows of images, an ESP's folder and an initramfs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from kxsh.boot.magic import read_at
from kxsh.boot.signed import is_signed
from kxsh.checker.facts import InitrdContents
from kxsh.errors import Failure, NotFound
from kxsh.image import archive, uki
from kxsh.image.kernel_text import framebuffer_drivers
from kxsh.machine.esp import LOADER, esp_candidates
from kxsh.machine.given_file import open_given
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.protocol import Device, Root
from kxsh.machine.root import DirectoryRoot
from kxsh.text import MIB, display

_T = TypeVar("_T")
# The largest file that is read whole: an initrd, a loader.
_LARGEST = 512 * MIB
_ESP_PATH = "/dev/esp"


class ImageFacts:
    """`checker.facts.Facts` of files on this machine. Close it, or use it with ``with``.

    `esp` is a folder that holds what the ESP will hold; `initramfs` an archive or the
    loader itself (bootx64.efi). `notes` are what could not be known, one line each.
    Raises a Failure or OSError for an image or an initramfs that cannot be read at all.
    """

    def __init__(self, images: Sequence[str] = (), esp: str = "", initramfs: str = "") -> None:
        self.notes: list[str] = []
        if esp and not os.path.isdir(esp):
            raise NotFound(
                f"{display(esp)} is no folder", hint="--esp names what the ESP will hold"
            )
        self._machine = ImageMachine([ImageSpec(image) for image in images])
        self._folder = esp
        self._roots: dict[str, Root | None] = {}
        self._initrds: dict[tuple[str, str], InitrdContents] = {}
        self._drivers: dict[tuple[str, str], set[str] | None] = {}
        self._esp: list[Device | None] = []
        self._signed: list[bool] = []
        for problem in self._machine.problems:
            self.note(problem)
        self._members = _members(initramfs) if initramfs else None

    def __enter__(self) -> ImageFacts:
        return self

    def __exit__(self, *_: object) -> None:
        self._machine.close()

    def devices(self) -> Sequence[Device]:
        return self._machine.devices()

    def esp(self) -> Device | None:
        if not self._esp:
            self._esp.append(self._find_esp())
        return self._esp[0]

    def _find_esp(self) -> Device | None:
        """Return the image's ESP; an image that has none yet gets one by name only."""
        candidates = esp_candidates(self._machine)
        if candidates:
            return candidates[0]
        disks = self.devices()
        disk = disks[0].disk or disks[0].path if disks else _ESP_PATH
        if not disks and not self._folder:
            return None
        return Device(_ESP_PATH, label="KXSH", fstype="vfat", disk=disk)

    def root(self, device: Device) -> Root | None:
        if device.path not in self._roots:
            self._roots[device.path] = self._open(device)
        return self._roots[device.path]

    def _open(self, device: Device) -> Root | None:
        esp = self.esp()
        if self._folder and esp is not None and device.path == esp.path:
            return DirectoryRoot(self._folder, ignores_case=True)
        if device.path == _ESP_PATH:
            return None  # made by `kximage adapt` only later
        return self._known(lambda: self._mounted(device), f"{device} cannot be read")

    def _mounted(self, device: Device) -> Root:
        mount = self._machine.mount(device)
        return self._machine.locate(mount.path)[0]

    def is_plain_iso(self, device: Device) -> bool:
        return bool(getattr(self.root(device), "plain_names", False))

    def initrd(self, device: Device, path: str) -> InitrdContents:
        key = (device.path, path)
        if key not in self._initrds:
            root = self.root(device)
            told = f"{display(path)} cannot be looked into"
            found = self._known(lambda: _contents(root, path), told) if root else None
            self._initrds[key] = found or InitrdContents()
        return self._initrds[key]

    def framebuffer_drivers(self, device: Device, path: str) -> set[str] | None:
        key = (device.path, path)
        if key not in self._drivers:
            root = self.root(device)
            told = f"{display(path)} cannot be unpacked"
            found = self._known(lambda: _drivers(root, path), told) if root else None
            self._drivers[key] = found
        return self._drivers[key]

    def modules(self) -> set[str] | None:
        return archive.modules_of(self._members) if self._members is not None else None

    def programs(self) -> set[str] | None:
        return archive.programs_of(self._members) if self._members is not None else None

    def loader_is_signed(self) -> bool:
        if not self._signed:
            esp = self.esp()
            root = self.root(esp) if esp is not None else None
            found = self._known(lambda: _is_signed(root), "the loader cannot be read")
            self._signed.append(bool(found))
        return self._signed[0]

    def _known(self, look: Callable[[], _T], what: str) -> _T | None:
        """Return what `look` finds; where it fails, a note says why."""
        try:
            return look()
        except Failure as failure:
            hint = f" ({failure.hint})" if failure.hint else ""
            self.note(f"{what}: {failure.message}{hint}")
        except OSError as error:
            self.note(f"{what}: {error.strerror or error}")
        return None

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _contents(root: Root, path: str) -> InitrdContents:
    try:
        found = list(archive.members(root.read(path, _LARGEST)))
    except archive.CutOff as error:
        return InitrdContents(damage=error.message)
    return InitrdContents(
        archive.machine_of(found),
        tuple(sorted(archive.releases_of(found))),
        frozenset(archive.modules_of(found)),
    )


def _drivers(root: Root, path: str) -> set[str] | None:
    return framebuffer_drivers(root.read(path, _LARGEST))


def _members(path: str) -> list[archive.Found]:
    """Return what is in an initramfs; a failure names the file."""
    try:
        return list(archive.members(_initramfs(path)))
    except Failure as failure:
        failure.message = f"{display(path)}: {failure.message}"
        raise


def _initramfs(path: str) -> bytes:
    """Return the archive in a file: itself, or the ``.initrd`` of a loader."""
    with open_given(path) as file:
        data = file.read(_LARGEST)
    return uki.read_sections(data).get(".initrd", b"") if data.startswith(b"MZ") else data


def _is_signed(root: Root | None) -> bool:
    if root is None or root.stat(LOADER) is None:
        return False
    with root.open(LOADER) as file:
        return is_signed(read_at(file, 0, 4096))
