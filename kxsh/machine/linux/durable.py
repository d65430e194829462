"""Replacing a small file so that a power cut leaves the old one or the new one.

The copy is written and synced before it takes the name; what had the name before keeps a
name too, since a rename on FAT is more than one write (rename(2), fsync(2)).
"""

from __future__ import annotations

import errno
import os
import stat

from kxsh.errors import Failure, FormatFailure, from_os_error
from kxsh.machine.protocol import NEW, OLD
from kxsh.text import display

# No symbolic link is followed on the way: nothing on the disk leads the write elsewhere.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def replace(base: str, path: str, data: bytes) -> None:
    """Write `data` to the file `path` below the directory `base`, making its folders."""
    *folders, name = [part for part in path.split("/") if part]
    try:
        folder = _open_folder(base, folders)
        try:
            _replace(folder, name, data)
        finally:
            os.close(folder)
    except OSError as error:
        raise _failure(error, path) from error


def _open_folder(base: str, folders: list[str]) -> int:
    """Return the open directory that the folders lead to; missing ones are made."""
    here = os.open(base, _FOLDER & ~os.O_NOFOLLOW)
    for name in folders:
        try:
            try:
                inner = os.open(name, _FOLDER, dir_fd=here)
            except FileNotFoundError:
                os.mkdir(name, dir_fd=here)
                os.fsync(here)
                inner = os.open(name, _FOLDER, dir_fd=here)
        finally:
            os.close(here)
        here = inner
    return here


def _replace(folder: int, name: str, data: bytes) -> None:
    _refuse_others(folder, name)
    file = os.open(name + NEW, _FILE, 0o600, dir_fd=folder)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.replace(name, name + OLD, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except FileNotFoundError:  # the first one
        pass
    os.replace(name + NEW, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _refuse_others(folder: int, name: str) -> None:
    """Raise `FormatFailure` where the name is no regular file's."""
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(facts.st_mode):
        raise FormatFailure(f"{display(name)} is not a regular file")


def _failure(error: OSError, path: str) -> Failure:
    failure = from_os_error(error, f"writing {display(path)}")
    if error.errno == errno.ENOSPC:
        failure.hint = "the filesystem is full: delete something there"
    elif error.errno == errno.EROFS:
        failure.hint = "mount it with --rw"
    elif error.errno in (errno.ELOOP, errno.ENOTDIR):
        failure.hint = "one of the folders on the way is none, or a symbolic link"
    return failure
