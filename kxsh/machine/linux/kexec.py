"""Loading a kernel to jump into: kexec_file_load(2) first, kexec-tools where that helps.

What a policy refused (Secure Boot, lockdown, kexec_load_disabled) is not tried another
way: the second path would be a way around the policy, or a second riddle.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from kxsh.errors import Denied, Failure, FormatFailure, IoFailure, errno_name, from_os_error
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.protocol import Completed, KernelImage, LoadMethod, Piece
from kxsh.text import display

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn

    Opener = Callable[[str], BinaryIO]

_LOG_LINES = 20
_TOOLS_TIMEOUT = 120.0
_RETRY_PAUSE = 0.2
# The kernel's own loader does not know the format, or is not there at all.
_TRY_TOOLS = frozenset((errno.ENOSYS, errno.ENOEXEC, errno.EINVAL, errno.EOPNOTSUPP))
# EADDRNOTAVAIL: no place for it; ENOMEM: none at all. Trying again changes neither.
_FINAL = frozenset((*_TRY_TOOLS, errno.EADDRNOTAVAIL, errno.ENOMEM, errno.EFBIG))

# errno -> cause, remedy (seen in practice: aegis TROUBLESHOOTING; linux security/lockdown).
_REFUSALS = {
    errno.ENODATA: (
        "the kernel is not signed, and this machine wants signed ones",
        "turn Secure Boot off in the firmware, or boot a signed kernel",
    ),
    errno.ENOKEY: (
        "the kernel is signed with a key that this machine does not know",
        "turn Secure Boot off in the firmware, or enrol the key it is signed with",
    ),
    errno.EKEYREJECTED: (
        "the kernel's signature was rejected",
        "turn Secure Boot off in the firmware, or boot a kernel signed for this machine",
    ),
    errno.EPERM: (
        "this machine's policy forbids loading another kernel",
        "turn Secure Boot off in the firmware (it locks kexec), and run as root",
    ),
    errno.EACCES: (
        "access was denied",
        "look for a security module's rule in the kernel's messages",
    ),
}

Runner = Callable[[Sequence[str], float, Sequence[int]], Completed]


class Kexec:
    """The kernel that waits for the jump. `open_file` opens a path inside its own root."""

    def __init__(self, log: KernelLog, open_file: Opener, run: Runner) -> None:
        self._log = log
        self._open_file = open_file
        self._run = run

    def load(self, image: KernelImage) -> LoadMethod:
        """Load `image`; return the method that worked."""
        mark = self._log.mark()
        tried: list[str] = []
        with ExitStack() as stack:
            kernel = self._open(image, image.kernel, stack)
            initrd = self._initrd(image, stack)
            try:
                by_file = image.method == "file" and not image.dtb and not image.modules
                if by_file and self._by_file(image, kernel.fileno(), initrd, mark, tried):
                    return "file"
                self._by_tools(image, kernel.fileno(), initrd, stack, tried)
                return "tools"
            except Failure as failure:
                failure.log = failure.log or self._log.since(mark)[-_LOG_LINES:]
                failure.tried = tried
                raise

    def unload(self) -> None:
        try:
            syscalls.kexec_file_load(-1, -1, b"", syscalls.KEXEC_FILE_UNLOAD)
        except OSError as error:
            raise from_os_error(error, "unloading the kernel") from error

    def loaded(self) -> bool:
        try:
            with open("/sys/kernel/kexec_loaded", encoding="ascii") as file:
                return file.read().strip() == "1"
        except OSError:
            return False

    def jump(self) -> NoReturn:
        """Start the loaded kernel; returns only by failing.

        reboot(2) and not `kexec -e -f`: drivers shut their devices down first.
        """
        os.sync()
        # The process that mirrors the terminal on every console writes the last line.
        time.sleep(0.02)
        try:
            syscalls.reboot(syscalls.REBOOT_KEXEC)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise IoFailure(
                    "no kernel is loaded to jump into", hint="`load` one first", errno=error.errno
                ) from error
            raise from_os_error(error, "starting the loaded kernel") from error
        raise IoFailure("the kernel did not start the loaded one")

    def _by_file(
        self, image: KernelImage, kernel: int, initrd: int, mark: int, tried: list[str]
    ) -> bool:
        """Try kexec_file_load(2), twice where that may help; False: kexec-tools may do it."""
        cmdline = _encode(image.cmdline)
        flags = 0 if initrd >= 0 else syscalls.KEXEC_FILE_NO_INITRAMFS
        for attempt in (1, 2):
            try:
                syscalls.kexec_file_load(kernel, initrd, cmdline, flags)
                return True
            except OSError as error:
                number = error.errno or 0
            tried.append(f"kexec_file_load: {errno_name(number)}")
            if number in _REFUSALS:
                raise self._refusal(image, number)
            if number in _TRY_TOOLS and image.fallback:
                return False
            if number in _FINAL or attempt == 2:
                break
            time.sleep(_RETRY_PAUSE)
        raise self._load_failure(image, number, self._log.since(mark))

    def _by_tools(
        self, image: KernelImage, kernel: int, initrd: int, stack: ExitStack, tried: list[str]
    ) -> None:
        """Load by kexec-tools; files are passed open, so that no path is looked up again."""
        argv = ["kexec", "--load", "--kexec-syscall", f"--command-line={image.cmdline}"]
        if image.tool_type:
            argv.append(f"--type={image.tool_type}")
        passed = [kernel]
        if initrd >= 0:
            argv.append(f"--initrd=/proc/self/fd/{initrd}")
            passed.append(initrd)
        if image.dtb:
            dtb = stack.enter_context(self._open_file(image.dtb)).fileno()
            argv.append(f"--dtb=/proc/self/fd/{dtb}")
            passed.append(dtb)
        for module in image.modules:
            path, _, arguments = module.partition(" ")
            descriptor = stack.enter_context(self._open_file(path)).fileno()
            argv.append(f"--module=/proc/self/fd/{descriptor} {arguments}".rstrip())
            passed.append(descriptor)
        argv.append(f"/proc/self/fd/{kernel}")
        done = self._run(argv, _TOOLS_TIMEOUT, passed)
        if done.status != 0:
            said = " ".join(done.output.split())[:300]
            tried.append(f"kexec-tools: status {done.status}: {said}")
            if os.strerror(errno.EPERM) in said:
                raise self._refusal(image, errno.EPERM)
            raise FormatFailure(
                f"{display(image.kernel)} cannot be loaded: kexec-tools does not take it "
                f"({display(said) or f'status {done.status}'})",
                hint="is it a Linux kernel for this machine, and whole?",
            )

    def _open(self, image: KernelImage, path: str, stack: ExitStack) -> BinaryIO:
        """Open a file, or a part of one as a file in memory."""
        piece = image.piece(path)
        if piece is None:
            return stack.enter_context(self._open_file(path))
        source = stack.enter_context(self._open_file(piece.path))
        try:
            memory = os.memfd_create("piece", os.MFD_CLOEXEC)
            copy = stack.enter_context(os.fdopen(memory, "w+b"))
            _copy_piece(copy.fileno(), source.fileno(), piece)
        except OSError as error:
            raise from_os_error(error, f"taking {display(path)} into memory") from error
        return copy

    def _initrd(self, image: KernelImage, stack: ExitStack) -> int:
        """Return a descriptor of the initrds, one after the other; -1 without any."""
        if not image.initrds:
            return -1
        files = [self._open(image, path, stack) for path in image.initrds]
        if len(files) == 1:
            return files[0].fileno()
        try:
            joined = os.memfd_create("initrd", os.MFD_CLOEXEC)
            stack.callback(os.close, joined)
            for file in files:
                _append(joined, file.fileno())
        except OSError as error:
            raise from_os_error(error, "joining the initrds in memory") from error
        return joined

    def _refusal(self, image: KernelImage, number: int) -> Denied:
        cause, remedy = _REFUSALS[number]
        if number == errno.EPERM:
            if _first_line("/proc/sys/kernel/kexec_load_disabled") == "1":
                cause = "kexec was turned off for good (kernel.kexec_load_disabled = 1)"
                remedy = "restart the machine: nothing turns it on again before"
            elif "[none]" not in (mode := _first_line("/sys/kernel/security/lockdown")) and mode:
                cause = f"the running kernel is locked down ({display(mode)})"
        return Denied(f"{display(image.kernel)} was refused: {cause}", hint=remedy, errno=number)

    def _load_failure(self, image: KernelImage, number: int, log: list[str]) -> Failure:
        name = display(image.kernel)
        kept = log[-_LOG_LINES:]
        if number in (errno.ENOMEM, errno.EADDRNOTAVAIL):
            return IoFailure(
                f"{name} cannot be loaded: there is no room in memory for it and its initrd",
                hint="both must fit beside the loader: a smaller initrd, or more memory",
                errno=number,
                log=kept,
            )
        if number in _TRY_TOOLS:
            cause = "the running kernel's loader does not take this file"
            return FormatFailure(f"{name} cannot be loaded: {cause}", errno=number, log=kept)
        return IoFailure(f"{name} cannot be loaded: {errno_name(number)}", errno=number, log=kept)


def _encode(cmdline: str) -> bytes:
    try:
        data = cmdline.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise FormatFailure("the command line has characters that are no text") from error
    if b"\0" in data:
        raise FormatFailure("the command line has a NUL character in it")
    return data


def _append(target: int, source: int) -> None:
    """Copy a file to the end of another, padded to 4 bytes as cpio archives need."""
    length = 0
    while count := os.sendfile(target, source, None, 1 << 24):
        length += count
    os.write(target, b"\0" * (-length % 4))


def _copy_piece(target: int, source: int, piece: Piece) -> None:
    """Copy a part of a file into an empty one; a file that ends early is an OSError."""
    done = 0
    while done < piece.size:
        count = os.sendfile(target, source, piece.offset + done, min(piece.size - done, 1 << 24))
        if not count:
            raise OSError(errno.EIO, "the file ends early")
        done += count
    os.lseek(target, 0, os.SEEK_SET)


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""
