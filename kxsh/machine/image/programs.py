"""Programs that read filesystems inside images, run bounded: time, memory, output.

The only module of `kxsh.machine.image` that starts programs.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from kxsh.errors import FormatFailure, IoFailure, TimedOut
from kxsh.text import GIB, MIB, display, duration

# program -> the Debian package that has it
PACKAGES = {
    "debugfs": "e2fsprogs",
    "grub-fstest": "grub-common",
    "lz4": "lz4",
    "mdir": "mtools",
    "rdsquashfs": "squashfs-tools-ng",
    "zstd": "zstd",
}
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

LISTING_LIMIT = 32 * MIB
_ERRORS_LIMIT = 4096
_MEMORY_LIMIT = 4 * GIB
_SECONDS = 30.0
# Slower than this and a program is taken for one that hangs.
_BYTES_PER_SECOND = 20 * MIB
# No kernel and no initrd is larger; a hostile inode may claim to be.
_FILE_LIMIT = 4 * GIB


@dataclass(frozen=True, slots=True)
class Output:
    """What a program wrote: `file` (from its start; the caller closes it), `errors`."""

    file: BinaryIO
    status: int
    errors: str


def run(argv: Sequence[str], *, limit: int = LISTING_LIMIT, pass_fds: Sequence[int] = ()) -> Output:
    """Run a program that writes at most `limit` bytes, into a file without a name.

    Raises IoFailure when it is not installed (the hint names the package) or cannot be
    started, FormatFailure when it writes more or dies, TimedOut when it takes too long.
    """
    program = find(argv[0])
    out = tempfile.TemporaryFile()  # noqa: SIM115 - becomes the caller's
    try:
        with tempfile.TemporaryFile() as errors:
            status = _finish([program, *argv[1:]], out, errors, limit, pass_fds)
            errors.seek(0)
            said = errors.read(_ERRORS_LIMIT).decode("utf-8", "replace").strip()
        if status < 0:
            raise FormatFailure(
                f"{argv[0]} was ended by signal {-status}: the filesystem asks too much of it"
            )
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return Output(cast(BinaryIO, out), status, said)


def listing(argv: Sequence[str], *, pass_fds: Sequence[int] = ()) -> tuple[str, Output]:
    """Run a program for its text; names that are not UTF-8 keep their bytes as surrogates."""
    output = run(argv, pass_fds=pass_fds)
    with output.file as file:
        return file.read().decode("utf-8", "surrogateescape"), output


def extract(argv: Sequence[str], size: int, what: str, *, pass_fds: Sequence[int] = ()) -> BinaryIO:
    """Return the file of `size` bytes that a program writes; less is an IoFailure.

    The bytes are kept in a temporary file, which is gone when the caller closes it.
    `what` names the file in the error.
    """
    if size > _FILE_LIMIT:
        raise FormatFailure(f"{display(what)} claims to have {size} bytes")
    output = run(argv, limit=size + MIB, pass_fds=pass_fds)
    written = output.file.seek(0, os.SEEK_END)
    output.file.seek(0)
    if written > size:  # debugfs gives 60 bytes of a shorter file that is kept in its inode
        written = output.file.truncate(size)
    if output.status or written < size:
        output.file.close()
        problem = f"; {display(output.errors)}" if output.errors else ""
        raise IoFailure(
            f"{display(what)} cannot be read in full: {written} of {size} bytes{problem}"
        )
    return output.file


def find(program: str) -> str:
    """Return the path of `program`, or raise IoFailure naming its Debian package."""
    folders = os.environ.get("PATH", "") + os.pathsep + _SYSTEM_FOLDERS
    found = shutil.which(program, path=folders)
    if found is None:
        raise IoFailure(
            f"the program {program} is not installed; it reads this kind of filesystem",
            hint=f"install the Debian package: apt install {PACKAGES[program]}",
        )
    return found


def _finish(
    command: Sequence[str],
    out: IO[bytes],
    errors: IO[bytes],
    limit: int,
    pass_fds: Sequence[int],
) -> int:
    seconds = _SECONDS + limit / _BYTES_PER_SECOND
    try:
        process = subprocess.Popen(
            [os.fsencode(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env={**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"},
            pass_fds=pass_fds,
        )
    except (OSError, ValueError) as error:
        raise IoFailure(f"{display(command[0])} cannot be started: {error}") from error
    with process:
        try:
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
                resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY_LIMIT,) * 2)
            return process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            name = os.path.basename(command[0])
            raise TimedOut(f"{name} did not end within {duration(round(seconds))}") from error
        finally:
            process.kill()
