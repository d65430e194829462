"""What a script can see: devices, files, and how much of them it may look at."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.errors import Failure, from_os_error
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root
from kxsh.menus import limits, paths
from kxsh.menus.bls.snippet import Snippet
from kxsh.menus.disks import Disks
from kxsh.menus.grub2.devices import Devices, Volume
from kxsh.menus.reading import Reading
from kxsh.text import display, size

# What ends a word or begins a part of one, or is a comment.
_MARKS = b" \t\r\n;{}\\\"'$#|&<>"


class Exhausted(Exception):
    """The script did more than a menu needs; `reason` says of what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class World:
    """Files and devices behind one menu, with what was counted and complained about."""

    def __init__(self, reading: Reading, disks: Disks) -> None:
        self.devices = Devices(reading.root, disks)
        self.complain = reading.complain
        self.work = 0
        self.limit = limits.GRUB_SCRIPT
        self.entries = 0
        # The entry files of folders that `blscfg` has read, by volume and path.
        self.snippets: dict[tuple[str, str], list[Snippet]] = {}
        self._roots: dict[str, Root | None] = {}
        self._facts: dict[tuple[str, str], FileFacts | None] = {}
        self._bytes = 0
        self._files = 0

    def spend(self, amount: int) -> None:
        """Count work: one for a command, one for every 64 characters."""
        self.work += amount
        if self.work > self.limit:
            raise Exhausted("the script runs too long")

    def names(self) -> list[str]:
        """Return GRUB's names of all devices: each disk, then its partitions."""
        found: dict[str, None] = {}
        for volume in self.devices.volumes:
            found[volume.name.partition(",")[0]] = None
            found[volume.name] = None
        return list(found)

    def volume(self, name: str, root: str) -> Volume | None:
        """Return the volume of a name, with or without its parentheses; empty: `root`."""
        return self.devices.named(name.strip("()") or root)

    def split(self, path: str, root: str) -> tuple[Volume | None, str]:
        """Return the volume and the path on it of ``(device)/path`` or ``/path``."""
        device = ""
        if path[:1] == "(":
            device, mark, rest = path.partition(")")
            path = rest if mark else ""
        return self.volume(device, root), path

    def spell(self, volume: Volume | None, path: str) -> str:
        """Return a file as entries name it: with its device where that is another one, and
        ``image:/path`` inside of an image file."""
        if path.startswith("/"):
            path = paths.join("/", path)
        if volume is not None and volume.image:
            return f"image:{path}"
        if volume is None or volume.own or not volume.device.path:
            return path
        return f"{volume.device.path}:{path}"

    def place(
        self, name: str, root: str, complain: Callable[[str], None]
    ) -> tuple[Volume | None, str]:
        """As `split`, for a file that is to be booted: if its device is not there but the
        menu's own has the file, GRUB's numbers meant that one."""
        volume, path = self.split(name, root)
        if volume is None and path.startswith("/") and self.facts(self.devices.own, path):
            complain(f"no device for {display(name, 200)}: taken to be on the menu's own")
            return self.devices.own, path
        return volume, path

    def root(self, volume: Volume) -> Root | None:
        if volume.key not in self._roots:
            self._roots[volume.key] = volume.open()
        return self._roots[volume.key]

    def facts(self, volume: Volume, path: str) -> FileFacts | None:
        """Return the facts of a file, None where there is none or it cannot be told."""
        key = (volume.key, path)
        if key not in self._facts:
            if len(self._facts) >= limits.LOOKUPS:
                raise Exhausted("the script looks for too many files")
            self.spend(4)
            root = self.root(volume)
            try:
                self._facts[key] = paths.find(root, path, any_case=True) if root else None
            except Failure:
                self._facts[key] = None
        return self._facts[key]

    def lacks(self, volume: Volume | None, path: str) -> bool:
        """Tell whether a file is known not to be there. No other filesystem is opened for
        that (a boot would wait for it), and none inside of an image."""
        if volume is None or volume.image or not path.startswith("/"):
            return False
        if not volume.own and volume.key not in self._roots:
            return False
        try:
            return self.root(volume) is not None and self.facts(volume, path) is None
        except Exhausted:
            return False

    def look(self, name: str, root: str) -> FileFacts | None:
        """Return the facts of ``(device)/path``, or None."""
        volume, path = self.split(name, root)
        if volume is None or (path and not path.startswith("/")):
            return None
        return self.facts(volume, path.rstrip("/") or "/")

    def exists(self, name: str, root: str) -> bool:
        return self.look(name, root) is not None

    def listing(self, name: str, root: str) -> list[str]:
        """Return the names in a directory; none where it cannot be listed."""
        volume, path = self.split(name, root)
        files = self.root(volume) if volume else None
        if files is None:
            return []
        self.spend(20)
        try:
            names = files.list(path)
        except Failure:
            return []
        self.spend(len(names) // 8)
        return names

    def read(self, name: str, root: str) -> bytes | None:
        """Return a file's bytes; None where it cannot be read or is no configuration."""
        volume, path = self.split(name, root)
        if volume is None or not path.startswith("/"):
            return None
        facts = self.facts(volume, path)
        files = self.root(volume)
        if facts is None or files is None or facts.kind != "file":
            return None
        self._files += 1
        if self._files > limits.GRUB_FILES:
            raise Exhausted("the script reads too many files")
        try:
            data = self._content(files, facts.path or path)
        except Failure as failure:
            self.complain(path, 0, failure.message)
            return None
        self._bytes += len(data)
        if self._bytes > limits.GRUB_BYTES:
            raise Exhausted("the script's files are too large together")
        return data

    def _content(self, files: Root, path: str) -> bytes:
        """Return a file's bytes, up to the end of a line where it is too large. Beyond
        `CONFIG_LIMIT` it has to be made of few words, as ordinary entries are."""
        try:
            with files.open(path) as file:
                data = file.read(limits.GRUB_FILE + 1)
        except OSError as error:
            raise from_os_error(error, f"reading {display(path)}") from error
        most = limits.GRUB_FILE
        if len(data) - len(data.translate(None, _MARKS)) > limits.GRUB_MARKS:
            most = CONFIG_LIMIT
        if len(data) <= most:
            return data
        self.complain(path, 0, f"only the first {size(most)} are read")
        return data[: data.rfind(b"\n", 0, most) + 1 or most]
