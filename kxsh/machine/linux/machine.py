"""`LinuxMachine`: the parts put together behind the `Machine` protocol."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from kxsh.errors import Failure, Interrupted, IoFailure, from_os_error
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.devices import BlockDevices
from kxsh.machine.linux.kexec import Kexec
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.mounts import Mounts
from kxsh.machine.protocol import Completed, Device, KernelImage, LoadMethod, Mount
from kxsh.machine.root import DirectoryRoot

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn, TextIO


class LinuxMachine:
    """The machine this runs on; see `protocol.Machine`. Most of it needs root.

    What many boots never use (programs, power) is imported when it is used.

    `stream` is the terminal that `write` writes to; fresh mount points are made below
    `runtime`.
    """

    def __init__(self, stream: TextIO | None = None, runtime: str = "/run/kxsh") -> None:
        self._stream = stream or sys.stdout
        self._log = KernelLog()
        self._devices = BlockDevices()
        self._modules = Modules(self._log)
        self._mounts = Mounts(f"{runtime}/mnt", self._log, self._modules)
        self._kexec = Kexec(self._log, self._open, _run_tool)

    def devices(self) -> list[Device]:
        return self._devices.look()

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

    def locate(self, path: str) -> tuple[DirectoryRoot, str]:
        return self._mounts.locate(path)

    def prefetch(self, path: str) -> None:
        try:
            with self._open(path) as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
        except (Failure, OSError):  # who reads the file will say what is wrong with it
            return

    def load_module(self, name: str, arguments: str = "") -> None:
        self._modules.load(name, arguments)

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        from kxsh.machine.linux import programs

        self._stream.flush()
        return programs.run(argv, capture=capture, timeout=timeout)

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        return self._kexec.load(image)

    def kernel_loaded(self) -> bool:
        return self._kexec.loaded()

    def unload_kernel(self) -> None:
        self._kexec.unload()

    def jump(self) -> NoReturn:
        self._stream.flush()
        self._kexec.jump()

    def memory_available(self) -> int:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        raise IoFailure("the kernel does not say how much memory is available")

    def log_mark(self) -> int:
        return self._log.mark()

    def log_since(self, mark: int) -> list[str]:
        return self._log.since(mark)

    def loader_partuuid(self) -> str:
        from kxsh.machine.linux import power

        return power.loader_partuuid()

    def sync(self) -> None:
        os.sync()

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


def _run_tool(argv: Sequence[str], timeout: float, descriptors: Sequence[int]) -> Completed:
    from kxsh.machine.linux import programs

    return programs.run(argv, capture=True, timeout=timeout, pass_fds=descriptors)
