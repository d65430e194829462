"""A machine that looks but does not touch: what it is told to do, it writes down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from kxsh.errors import IoFailure
from kxsh.machine.protocol import (
    Action,
    Completed,
    Device,
    Download,
    Ended,
    FirmwareEntry,
    KernelImage,
    LoadMethod,
    Machine,
    Mount,
    Opened,
    Root,
)
from kxsh.text import display, duration


def unopened(what: str) -> IoFailure:
    """Return the failure for what a rehearsal cannot see the inside of."""
    return IoFailure(
        f"a rehearsal does not open {what}, so it ends here",
        hint="what follows can only be tried on the target, or in QEMU: `kximage try`",
    )


class RecordingMachine:
    """`inner` with every effect recorded in `actions` instead of done.

    Looking passes through: devices, files, memory, the kernel's log, writing to the
    terminal. So does mounting with `mounts`, since nothing could be read without it, but
    always read-only. Sleeping only moves the clock. A program is said to have done what
    `answer` returns: by default, nothing, well. `loaded` is the kernel that would start.
    """

    def __init__(
        self,
        inner: Machine,
        answer: Callable[[Sequence[str]], Completed] | None = None,
        *,
        mounts: bool = True,
    ) -> None:
        self.actions: list[Action] = []
        self.loaded: KernelImage | None = None
        self._inner = inner
        self._answer = answer or (lambda argv: Completed(0))
        self._mounting = mounts
        self._pretended: list[Mount] = []
        self._slept = 0.0

    def devices(self) -> list[Device]:
        return self._inner.devices()

    def departed(self) -> list[Device]:
        return self._inner.departed()

    def wait_for_change(self, deadline: float) -> bool:
        return self._inner.wait_for_change(deadline - self._slept)

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
        if self._mounting:
            return self._inner.mount(device, where, fstype=fstype, options=options)
        mount = Mount(device, where or f"/mnt/{len(self._pretended) + 1}", fstype or device.fstype)
        self._pretended.append(mount)
        return mount

    def unmount(self, mount: Mount) -> None:
        self._note("unmount", mount.path)
        if mount in self._pretended:
            self._pretended.remove(mount)
        else:
            self._inner.unmount(mount)

    def mounts(self) -> list[Mount]:
        return [*self._inner.mounts(), *self._pretended]

    def mount_points(self) -> list[str]:
        return self._inner.mount_points()

    def reread_mounts(self, before: Sequence[str]) -> list[Mount]:
        return []  # no program has run

    def locate(self, path: str) -> tuple[Root, str]:
        return self._inner.locate(path)

    def replace_file(self, path: str, data: bytes) -> None:
        self._note("write", path)

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
        self._note("open-loop", path)
        return self._inner.open_loop(path)

    def network_up(self, interface: str, timeout: float) -> Opened:
        self._note("network-up", *([interface] if interface else []))
        return Opened("borrowed", interface)

    def fetch(self, wanted: Download, progress: Callable[[int, int], None]) -> str:
        """Really fetch it: that changes nothing but memory."""
        self._note("fetch", wanted.url)
        return self._inner.fetch(wanted, progress)

    def release(self, opened: Opened) -> None:
        self._note("release", opened.kind, opened.name)
        self._inner.release(opened)

    def load_module(self, name: str, arguments: str = "") -> None:
        self._note("load-module", name, *arguments.split())
        if self._mounting:
            self._inner.load_module(name, arguments)

    def has(self, kind: str, name: str) -> bool:
        return self._inner.has(kind, name)

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        self._note("run", *argv)
        return self._answer(argv)

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        self._note("load", *image.words())
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
        return self._inner.memory_available()

    def log_mark(self) -> int:
        return self._inner.log_mark()

    def log_since(self, mark: int) -> list[str]:
        return self._inner.log_since(mark)

    def timed_log(self) -> list[tuple[float, str]]:
        return self._inner.timed_log()

    def firmware_entries(self) -> list[FirmwareEntry]:
        return self._inner.firmware_entries()

    def set_next_boot(self, number: int) -> None:
        self._note("next-boot", f"{number:04X}")

    def loader_partuuid(self) -> str:
        return self._inner.loader_partuuid()

    def loader_variable(self, name: str) -> str:
        return self._inner.loader_variable(name)

    def set_loader_variable(self, name: str, text: str) -> None:
        self._note("firmware-variable", name, text)

    def set_keymap(self, name: str) -> None:
        self._note("keymap", name)

    def sync(self) -> None:
        self._note("sync")

    def unwritten(self) -> int:
        return self._inner.unwritten()

    def reboot(self, *, firmware: bool = False) -> NoReturn:
        self._note("reboot", *(["--firmware"] if firmware else []))
        raise Ended("firmware" if firmware else "reboot")

    def poweroff(self) -> NoReturn:
        self._note("poweroff")
        raise Ended("poweroff")

    def now(self) -> float:
        return self._inner.now() + self._slept

    def sleep(self, seconds: float) -> None:
        self._note("sleep", duration(max(0.0, seconds)))
        self._slept += max(0.0, seconds)

    def write(self, text: str) -> None:
        self._inner.write(text)

    def _note(self, verb: str, *words: str) -> None:
        self.actions.append(Action(verb, words))
