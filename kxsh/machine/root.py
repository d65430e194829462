"""A directory of this machine as a `Root`: no path, link or mount trick leads out.

Every component is looked up by hand, relative to an open directory and without
following links; a link's text is then taken as more components, from the root when
it is absolute. Only regular files are opened, so that a FIFO cannot block and a
device node on a foreign filesystem cannot be read.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound, from_os_error
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, FileKind
from kxsh.text import display, nearest, size

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

# As the kernel does (path_resolution(7)).
LINK_LIMIT = 40
# A directory with more names than this is not listed.
LIST_LIMIT = 100_000
# Names that a hint looks at.
_HINT_LIMIT = 5_000
# How long a directory must have been left alone for its spellings to be kept: FAT stamps a
# change to two seconds, so a later one could show the same time.
_SETTLED = 3.0

_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC


class DirectoryRoot:
    """The files below `base`; see `protocol.Root` for what the methods do.

    `stat` names what a symbolic link leads to, without links, as the disk spells it.
    """

    def __init__(self, base: str, ignores_case: bool = False) -> None:
        self.base = base
        self.ignores_case = ignores_case
        self._spellings: dict[tuple[int, int, int], dict[str, str]] = {}

    def spelled(self, component: str, directory: int) -> str | None:
        """Return the name in an open directory that equals `component` in any case; its own
        spelling comes first. A directory is listed once, however many names are asked for."""
        facts = os.fstat(directory)
        key = (facts.st_dev, facts.st_ino, facts.st_mtime_ns)
        known = self._spellings.get(key)
        if known is None:
            known = _by_any_case(_names(".", directory, LIST_LIMIT))
            if time.time() - facts.st_mtime > _SETTLED:
                if sum(map(len, self._spellings.values())) > LIST_LIMIT:
                    self._spellings.clear()
                self._spellings[key] = known
        return known.get(component) or known.get("/" + component.casefold())

    def stat(self, path: str) -> FileFacts | None:
        try:
            with _Walk(self, path) as walk:
                return FileFacts(_kind(walk.facts), walk.facts.st_size, walk.path)
        except NotFound:
            return None

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        with self.open(path) as file:
            try:
                data = _what_comes(file, limit + 1)
            except OSError as error:
                raise from_os_error(error, f"reading {display(path)}") from error
        if data is None:
            raise IoFailure(
                f"reading {display(path)}: nothing comes from it now",
                hint="it is no file with an end: the kernel hands it out as it comes",
            )
        if len(data) > limit:
            raise FormatFailure(f"{display(path)} is larger than {size(limit)}")
        return data

    def open(self, path: str) -> BinaryIO:
        with _Walk(self, path) as walk:
            if not stat.S_ISREG(walk.facts.st_mode):
                raise FormatFailure(f"{display(path)} is not a regular file")
            try:
                descriptor = os.open(walk.name, _FILE, dir_fd=walk.directory)
            except OSError as error:
                raise from_os_error(error, f"opening {display(path)}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # swapped since the look-up
            os.close(descriptor)
            raise FormatFailure(f"{display(path)} is not a regular file")
        return open(descriptor, "rb")

    def list(self, path: str) -> list[str]:
        with _Walk(self, path) as walk:
            if not stat.S_ISDIR(walk.facts.st_mode):
                raise NotFound(f"{display(path)} is not a directory")
            try:
                names = _names(walk.name, walk.directory, LIST_LIMIT + 1)
            except OSError as error:
                raise from_os_error(error, f"listing {display(path)}") from error
        if len(names) > LIST_LIMIT:
            raise FormatFailure(f"{display(path)} has more than {LIST_LIMIT} names")
        return sorted(names)


def _what_comes(file: BinaryIO, count: int) -> bytes | None:
    """Read; None is no end, but that the kernel has nothing yet (``/proc/kmsg``)."""
    return file.read(count)


class _Walk:
    """The look-up of one path: where it ended, as `directory` (open), `name`, `facts`."""

    def __init__(self, root: DirectoryRoot, path: str) -> None:
        self._root = root
        self._asked = path
        self._stack: list[int] = []
        self._names: list[str] = []
        self.name = "."

    def __enter__(self) -> _Walk:
        try:
            os.fsencode(self._asked)
            self._stack.append(os.open(self._root.base, _DIRECTORY & ~os.O_NOFOLLOW))
            self.facts = os.fstat(self.directory)
            self._follow()
        except OSError as error:
            self._close()
            raise self._failure(error) from error
        except (ValueError, UnicodeEncodeError) as error:  # a NUL, a lone surrogate
            self._close()
            raise NotFound(f"{display(self._asked)} cannot be a file's name") from error
        except Failure:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def directory(self) -> int:
        return self._stack[-1]

    @property
    def path(self) -> str:
        """The path that was reached, from the root, without links."""
        names = self._names if self.name == "." else [*self._names, self.name]
        return "/" + "/".join(names)

    def _follow(self) -> None:
        pending = _components(self._asked)
        links = 0
        while pending:
            component = pending.pop()
            if component == "..":
                self._up()
                continue
            self._enter()
            self._look(component)
            if stat.S_ISLNK(self.facts.st_mode):
                links += 1
                if links > LINK_LIMIT:
                    raise FormatFailure(f"{display(self._asked)} leads through a loop of links")
                pending += self._link()

    def _up(self) -> None:
        """Go to the parent; the root is its own."""
        if self.name == "." and len(self._stack) > 1:
            os.close(self._stack.pop())
            self._names.pop()
        self._stay()

    def _stay(self) -> None:
        self.name = "."
        self.facts = os.fstat(self.directory)

    def _enter(self) -> None:
        """Make the directory found last the one to look in."""
        if self.name == ".":
            return
        self._stack.append(os.open(self.name, _DIRECTORY, dir_fd=self.directory))
        self._names.append(self.name)
        self.name = "."

    def _look(self, component: str) -> None:
        try:
            self.facts = os.stat(component, dir_fd=self.directory, follow_symlinks=False)
            self.name = component
            if self._root.ignores_case:  # FAT matches in any case by itself
                self.name = self._root.spelled(component, self.directory) or component
        except FileNotFoundError as error:
            root = self._root
            spelled = root.spelled(component, self.directory) if root.ignores_case else None
            if spelled is None:
                raise self._missing(component) from error
            self.facts = os.stat(spelled, dir_fd=self.directory, follow_symlinks=False)
            self.name = spelled

    def _link(self) -> list[str]:
        target = os.readlink(self.name, dir_fd=self.directory)
        if target.startswith("/"):
            while len(self._stack) > 1:
                os.close(self._stack.pop())
            self._names.clear()
        self._stay()
        return _components(target)

    def _missing(self, component: str) -> NotFound:
        where = "/" + "/".join(self._names)
        message = f"{display(self._asked)} is not there"
        if component != self._asked.strip("/"):
            message += f": {display(where)} has no {display(component)!r}"
        try:
            known = _names(".", self.directory, _HINT_LIMIT)
        except OSError:
            known = []
        near = nearest(component, known)
        return NotFound(message, hint=f"did you mean {display(near)!r}?" if near else "")

    def _failure(self, error: OSError) -> Failure:
        if isinstance(error, NotADirectoryError):
            inside = f": {display(self.path)} is not a directory" if self._stack else ""
            return NotFound(f"{display(self._asked)} is not there{inside}", errno=error.errno)
        if error.errno == errno.ENAMETOOLONG:
            return NotFound(f"{display(self._asked)} is too long to be a name", errno=error.errno)
        return from_os_error(error, display(self._asked))

    def _close(self) -> None:
        while self._stack:
            os.close(self._stack.pop())


def _components(path: str) -> list[str]:
    """Return a path's components, last first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _by_any_case(names: list[str]) -> dict[str, str]:
    """Return each name by itself, and by ``/`` with its folded form the first that has that."""
    found: dict[str, str] = {name: name for name in names}
    for name in names:
        folded = "/" + name.casefold()
        found[folded] = min(found.get(folded, name), name)
    return found


def _kind(facts: os.stat_result) -> FileKind:
    if stat.S_ISREG(facts.st_mode):
        return "file"
    if stat.S_ISBLK(facts.st_mode):
        return "block"
    return "directory" if stat.S_ISDIR(facts.st_mode) else "other"


def _names(name: str, directory: int, limit: int) -> list[str]:
    """Return up to `limit` names in the directory `name` of an open directory."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    names: list[str] = []
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) >= limit:
                    break
    finally:
        os.close(descriptor)
    return names
