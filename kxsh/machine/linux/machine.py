"""`LinuxMachine`: the parts put together behind the `Machine` protocol."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from kxsh.errors import Failure, Interrupted, IoFailure, from_os_error
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.devices import BlockDevices
from kxsh.machine.linux.kexec import Kexec
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.mounts import Mounts
from kxsh.machine.protocol import (
    Completed,
    Device,
    Download,
    FirmwareEntry,
    KernelImage,
    LoadMethod,
    Mount,
    Opened,
    Root,
)

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn, Protocol

    from kxsh.machine.linux.layers import Layers
    from kxsh.machine.linux.network import Network

    class Stream(Protocol):
        """Where a terminal's text goes."""

        def write(self, text: str, /) -> object: ...

        def flush(self) -> None: ...


class LinuxMachine:
    """The machine this runs on; see `protocol.Machine`. Most of it needs root.

    What many boots never use (programs, power) is imported when it is used.

    `stream` is the terminal that `write` writes to; fresh mount points are made below
    `runtime`.
    """

    def __init__(self, stream: Stream | None = None, runtime: str = "/run/kxsh") -> None:
        self._stream: Stream = stream or sys.stdout
        self._log = KernelLog()
        self._devices = BlockDevices()
        self._modules = Modules(self._log)
        self._mounts = Mounts(f"{runtime}/mnt", self._log, self._modules)
        self._runtime = runtime
        self._opened: Layers | None = None
        self._fetched = 0
        self._kexec = Kexec(self._log, self._open, _run_tool)

    def devices(self) -> list[Device]:
        return self._devices.look()

    def departed(self) -> list[Device]:
        return self._devices.departed()

    def wait_for_change(self, deadline: float) -> bool:
        return self._devices.wait(deadline - self.now())

    def mount(
        self,
        device: Device,
        where: str = "",
        *,
        fstype: str = "",
        options: Sequence[str] = (),
        writable: bool = False,
    ) -> Mount:
        return self._mounts.mount(device, where, fstype, options, writable)

    def unmount(self, mount: Mount) -> None:
        self._mounts.unmount(mount)

    def mounts(self) -> list[Mount]:
        return self._mounts.all()

    def mount_points(self) -> list[str]:
        return self._mounts.points()

    def reread_mounts(self, before: Sequence[str]) -> list[Mount]:
        return self._mounts.reread(before, self.devices)

    def locate(self, path: str) -> tuple[Root, str]:
        return self._mounts.locate(path)

    def replace_file(self, path: str, data: bytes) -> None:
        from kxsh.machine.linux import durable

        with self._mounts.writable(path) as (base, inner):
            durable.replace(base, inner, data)

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        return self._layers().open_luks(device, name, key)

    def activate_volumes(self, group: str) -> Opened:
        return self._layers().activate_volumes(group)

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        return self._layers().assemble_arrays(members)

    def open_loop(self, path: str) -> Opened:
        root, inside = self.locate(path)
        return self._layers().open_loop(root, inside, path)

    def network_up(self, interface: str, timeout: float) -> Opened:
        return self._network().up(interface, timeout)

    def fetch(self, wanted: Download, progress: Callable[[int, int], None]) -> str:
        try:
            from kxsh.machine.linux import download
        except ImportError as error:
            raise IoFailure(
                "this loader cannot fetch files from the network",
                hint="one that can: `kximage loader --with net`",
            ) from error
        self._fetched += 1
        folder = f"{self._runtime}/fetched/{self._fetched}"
        path = f"{folder}/{download.file_name(wanted.url)}"
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise from_os_error(error, f"making {folder}") from error
        try:
            download.download(wanted, path, self.memory_available(), progress)
        except KeyboardInterrupt:
            raise Interrupted("interrupted while fetching") from None
        return path

    def release(self, opened: Opened) -> None:
        if opened.kind == "network":
            self._network().down(opened)
        elif opened.kind != "borrowed":
            self._layers().close(opened)

    def _network(self) -> Network:
        from kxsh.machine.linux.network import Network

        return Network(self._modules, self._runtime, self.sleep)

    def _layers(self) -> Layers:
        from kxsh.machine.linux.layers import Layers

        if self._opened is None:
            self._opened = Layers(self._devices, self._modules, self._runtime)
        return self._opened

    def load_module(self, name: str, arguments: str = "") -> None:
        self._modules.load(name, arguments)

    def has(self, kind: str, name: str) -> bool:
        from kxsh.machine.linux import equipment

        return equipment.has(self._modules, kind, name)

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        from kxsh.machine.linux import programs

        self._stream.flush()
        return programs.run(argv, capture=capture, timeout=timeout)

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        try:
            return self._kexec.load(image)
        except Failure as failure:
            for path in (image.kernel, *image.initrds):
                piece = image.piece(path)
                self._mounts.check(piece.path if piece else path, failure)
            raise

    def kernel_loaded(self) -> bool:
        return self._kexec.loaded()

    def unload_kernel(self) -> None:
        self._kexec.unload()

    def jump(self) -> NoReturn:
        self._stream.flush()
        self._kexec.jump()

    def memory_available(self) -> int:
        known = _memory("MemAvailable:")
        if not known:
            raise IoFailure("the kernel does not say how much memory is available")
        return known[0]

    def log_mark(self) -> int:
        return self._log.mark()

    def log_since(self, mark: int) -> list[str]:
        return self._log.since(mark)

    def timed_log(self) -> list[tuple[float, str]]:
        return self._log.timed()

    def firmware_entries(self) -> list[FirmwareEntry]:
        from kxsh.machine.linux import firmware

        return firmware.entries()

    def set_next_boot(self, number: int) -> None:
        from kxsh.machine.linux import firmware

        firmware.set_next(number)

    def loader_partuuid(self) -> str:
        from kxsh.machine.linux import power

        return power.loader_partuuid()

    def loader_variable(self, name: str) -> str:
        from kxsh.machine.linux import power

        return power.loader_variable(name)

    def set_loader_variable(self, name: str, text: str) -> None:
        from kxsh.machine.linux import power

        power.set_loader_variable(name, text)

    def set_keymap(self, name: str) -> None:
        from kxsh.machine.linux import keymap

        keymap.load(name)

    def sync(self) -> None:
        os.sync()

    def unwritten(self) -> int:
        return sum(_memory("Dirty:", "Writeback:"))

    def reboot(self, *, firmware: bool = False) -> NoReturn:
        from kxsh.machine.linux import power

        if firmware:
            power.request_firmware_setup()
        self._stream.flush()
        power.restart(syscalls.REBOOT_RESTART)

    def poweroff(self) -> NoReturn:
        from kxsh.machine.linux import power

        self._stream.flush()
        power.restart(syscalls.REBOOT_POWER_OFF)

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        try:
            time.sleep(max(0.0, seconds))
        except KeyboardInterrupt:
            raise Interrupted("interrupted while sleeping") from None

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            raise from_os_error(error, "writing to the terminal") from error

    def _open(self, path: str) -> BinaryIO:
        root, inside = self.locate(path)
        return root.open(inside)


def _memory(*names: str) -> list[int]:
    """Return what the kernel says of its memory, in bytes, of what it knows (proc(5))."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return [int(line.split()[1]) * 1024 for line in file if line.startswith(names)]


def _run_tool(argv: Sequence[str], timeout: float, descriptors: Sequence[int]) -> Completed:
    from kxsh.machine.linux import programs

    return programs.run(argv, capture=True, timeout=timeout, pass_fds=descriptors)
