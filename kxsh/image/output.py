"""A file that appears whole under its name or not at all.

It is written without a name (O_TMPFILE), so that not even a killed process leaves
anything behind; where a filesystem cannot do that, under a hidden name in the same
folder.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from types import TracebackType

from kxsh.image.tools import ImageError
from kxsh.text import display
from kxsh.text import size as shown

_NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
_MODE = 0o666


class OutputFile:
    """The file to be `path`: open for reading and writing as `fd` until the block ends.

    `commit` gives it its name; a block that is left without it leaves nothing.
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        self.path = path
        self.fd = -1
        self._replace = replace
        self._hidden: Path | None = None
        self._folder = -1

    def __enter__(self) -> OutputFile:
        folder = self.path.parent
        try:
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self.fd = self._open(folder)
        except OSError as error:
            self._close()
            cause = error.strerror or str(error)
            raise ImageError(f"cannot write in {display(str(folder))}: {cause}") from error
        return self

    def _open(self, folder: Path) -> int:
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, _MODE)
        except OSError as error:
            if error.errno not in _NO_TMPFILE:
                raise
        self._hidden = self._hidden_name()
        return os.open(
            self._hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE
        )

    def _hidden_name(self) -> Path:
        return self.path.with_name(f".{self.path.name[:100]}.{secrets.token_hex(4)}.kximage")

    @property
    def link(self) -> str:
        """A path to the open file for other programs, whether or not it has a name."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def commit(self) -> None:
        """Write it through to the disk and give it its name.

        Raises ImageError when the name was taken meanwhile and may not be replaced.
        """
        os.fsync(self.fd)
        try:
            if self._hidden is None and not self._replace:
                self._name(self.path)
            else:
                if self._hidden is None:
                    hidden = self._hidden_name()
                    self._name(hidden)
                    self._hidden = hidden
                if not self._replace and os.path.lexists(self.path):
                    raise FileExistsError
                os.rename(self._hidden, self.path)
        except FileExistsError:
            raise ImageError(
                f"{display(str(self.path))} appeared while the image was written",
                hint="give another name with -o, or --force to replace it",
            ) from None
        self._hidden = None
        os.fsync(self._folder)

    def _name(self, path: Path) -> None:
        # With src_dir_fd Python uses linkat(2) with AT_SYMLINK_FOLLOW, which takes the
        # file that the /proc link stands for; link(2) would take the link itself.
        os.link(self.link, path, src_dir_fd=self._folder, follow_symlinks=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._hidden is not None:
            self._hidden.unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        for fd in (self.fd, self._folder):
            if fd >= 0:
                os.close(fd)
        self.fd = self._folder = -1


def check_space(fd: int, folder: Path, needed: int) -> None:
    """Raise ImageError unless the filesystem of `fd` has `needed` bytes free."""
    facts = os.fstatvfs(fd)
    free = facts.f_bavail * facts.f_frsize
    if free < needed:
        raise ImageError(
            f"no room in {display(str(folder))}: {shown(needed)} are needed, {shown(free)} free",
            hint="free some space there, or give a place on another disk with -o",
        )
