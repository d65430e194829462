"""A scripted machine for tests: files in memory, a clock that only waiting moves."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, NoReturn

from kxsh.errors import Failure, FormatFailure, Interrupted, IoFailure, NotFound
from kxsh.machine.protocol import (
    CONFIG_LIMIT,
    Action,
    Completed,
    Device,
    Ended,
    FileFacts,
    KernelImage,
    LoadMethod,
    Mount,
)
from kxsh.text import GIB, display, nearest, size

Tree = Mapping[str, bytes | str]
Fault = BaseException | None
Program = Completed | Callable[[Sequence[str]], Completed]
IGNORES_CASE = frozenset(("vfat", "iso9660"))


class MemoryRoot:
    """Files given as ``{"/boot/vmlinuz": b"..."}``; directories are what they imply.

    A path that ends in ``/`` is an empty directory. Text stands for its UTF-8.
    """

    def __init__(self, tree: Tree, ignores_case: bool = False) -> None:
        self.ignores_case = ignores_case
        self._files: dict[str, bytes] = {}
        self._directories: dict[str, set[str]] = {"/": set()}
        for path, data in tree.items():
            clean = _clean(path)
            if path.endswith("/"):
                self._directories.setdefault(clean, set())
            else:
                self._files[clean] = data.encode() if isinstance(data, str) else data
            self._add_parents(clean)

    def stat(self, path: str) -> FileFacts | None:
        try:
            found = self._find(path)
        except NotFound:
            return None
        if found in self._files:
            return FileFacts("file", len(self._files[found]), found)
        return FileFacts("directory", 0, found)

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        with self.open(path) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise FormatFailure(f"{display(path)} is larger than {size(limit)}")
        return data

    def open(self, path: str) -> BinaryIO:
        found = self._find(path)
        if found not in self._files:
            raise FormatFailure(f"{display(path)} is not a regular file")
        return io.BytesIO(self._files[found])

    def list(self, path: str) -> list[str]:
        found = self._find(path)
        if found not in self._directories:
            raise NotFound(f"{display(path)} is not a directory")
        return sorted(self._directories[found])

    def _add_parents(self, path: str) -> None:
        while path != "/":
            parent, name = posixpath.split(path)
            self._directories.setdefault(parent, set()).add(name)
            path = parent

    def _find(self, path: str) -> str:
        """Return the path as it was given, component by component."""
        at = "/"
        for name in _clean(path).split("/")[1:]:
            if not name:
                break
            at = posixpath.join(at, self._match(path, at, name))
        return at

    def _match(self, path: str, directory: str, name: str) -> str:
        names = sorted(self._directories.get(directory, ()))
        if name in names:
            return name
        if self.ignores_case:
            for candidate in names:
                if candidate.casefold() == name.casefold():
                    return candidate
        near = nearest(name, names)
        raise NotFound(
            f"{display(path)} is not there: {display(directory)} has no {display(name)!r}",
            hint=f"did you mean {display(near)!r}?" if near else "",
        )


class FakeMachine:
    """A machine whose world is its arguments.

    `files` maps a device's path to its tree, and ``"/"`` to the machine's own files.
    `later` are devices that come at a time (the clock starts at 0 and moves only by
    `sleep` and waiting). `fail` maps a verb, or a verb and its first word (``mount
    /dev/sda1``), to what is raised: an exception, or a list used up call by call where
    None is success. `programs` maps a name to what it returns; `modules` are the only
    ones that load (None: all do). `interrupt_at` is a time at which waiting is broken off.

    Afterwards `actions` is what was done, `output` what was written, `loaded` the
    kernel that waits.
    """

    def __init__(
        self,
        devices: Sequence[Device] = (),
        files: Mapping[str, Tree] | None = None,
        *,
        ignores_case: Mapping[str, bool] | None = None,
        later: Sequence[tuple[float, Device]] = (),
        fail: Mapping[str, Fault | Sequence[Fault]] | None = None,
        programs: Mapping[str, Program] | None = None,
        modules: Sequence[str] | None = None,
        memory: int = 2 * GIB,
        log: Sequence[str] = (),
        interrupt_at: float | None = None,
        partuuid: str = "",
    ) -> None:
        self.actions: list[Action] = []
        self.loaded: KernelImage | None = None
        self.memory = memory
        self.partuuid = partuuid
        self.log = list(log)
        self._devices = list(devices)
        self._files = dict(files or {})
        self._ignores_case = dict(ignores_case or {})
        self._later = sorted(later, key=lambda pair: pair[0])
        self._fail = {
            key: list(value) if isinstance(value, Sequence) else value
            for key, value in (fail or {}).items()
        }
        self._programs = dict(programs or {})
        self._modules = modules
        self._interrupt_at = interrupt_at
        self._clock = 0.0
        self._changed = False
        self._mounts: list[Mount] = []
        self._mounted = 0
        self._written: list[str] = []

    @property
    def output(self) -> str:
        return "".join(self._written)

    def add(self, device: Device, tree: Tree | None = None) -> None:
        """Plug a device in, now."""
        self._devices.append(device)
        if tree is not None:
            self._files[device.path] = tree
        self._changed = True

    def remove(self, path: str) -> None:
        """Pull a device out, now."""
        self._devices = [device for device in self._devices if device.path != path]
        self._changed = True

    def devices(self) -> list[Device]:
        self._fault("devices")
        self._changed = False
        return list(self._devices)

    def wait_for_change(self, deadline: float) -> bool:
        if self._changed:
            return True
        until = min([deadline, *(time for time, _ in self._later[:1])])
        self._advance(max(until, self._clock))
        return self._changed

    def mount(
        self,
        device: Device,
        where: str = "",
        *,
        fstype: str = "",
        options: Sequence[str] = (),
        writable: bool = False,
    ) -> Mount:
        words = [device.path]
        if where:
            words.append(where)
        if fstype:
            words.append(f"--type={fstype}")
        words += [f"--option={option}" for option in options]
        self._do("mount", *words, *(["--writable"] if writable else []))
        if device.path not in {known.path for known in self._devices}:
            raise NotFound(f"{device} is not there")
        if device.path not in self._files:
            raise FormatFailure(f"{device} cannot be mounted: there is no filesystem on it")
        self._mounted += 1
        mount = Mount(device, where or f"/mnt/{self._mounted}", fstype or device.fstype, writable)
        self._mounts.append(mount)
        return mount

    def unmount(self, mount: Mount) -> None:
        self._do("unmount", mount.path)
        if mount not in self._mounts:
            raise NotFound(f"nothing is mounted on {mount.path}")
        self._mounts.remove(mount)

    def mounts(self) -> list[Mount]:
        return list(self._mounts)

    def locate(self, path: str) -> tuple[MemoryRoot, str]:
        clean = _clean(path)
        for mount in sorted(self._mounts, key=lambda one: -len(one.path)):
            if clean == mount.path or clean.startswith(mount.path.rstrip("/") + "/"):
                return self.root(mount.device), clean[len(mount.path) :] or "/"
        return MemoryRoot(self._files.get("/", {})), clean

    def root(self, device: Device) -> MemoryRoot:
        """Return the root of a device's tree, mounted or not."""
        ignores = self._ignores_case.get(device.path, device.fstype in IGNORES_CASE)
        return MemoryRoot(self._files.get(device.path, {}), ignores)

    def prefetch(self, path: str) -> None:
        return

    def load_module(self, name: str, arguments: str = "") -> None:
        self._do("load-module", name, *arguments.split())
        if self._modules is not None and name.replace("-", "_") not in {
            known.replace("-", "_") for known in self._modules
        }:
            near = nearest(name, self._modules)
            raise NotFound(
                f"this kernel has no module {name!r}",
                hint=f"did you mean {near!r}?" if near else "",
            )

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        self._do("run", *argv)
        program = self._programs.get(argv[0])
        if program is None:
            near = nearest(argv[0], self._programs)
            raise NotFound(
                f"there is no program {argv[0]!r}", hint=f"did you mean {near!r}?" if near else ""
            )
        done = program if isinstance(program, Completed) else program(argv)
        if not capture:
            self._written.append(done.output)
        return done if capture else Completed(done.status)

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        self._do("load", *image.words())
        for path in (image.kernel, *image.initrds):
            root, inside = self.locate(path)
            root.open(inside).close()
        self.loaded = image
        return image.method

    def kernel_loaded(self) -> bool:
        return self.loaded is not None

    def unload_kernel(self) -> None:
        self._do("unload")
        self.loaded = None

    def jump(self) -> NoReturn:
        self._do("jump")
        if self.loaded is None:
            raise IoFailure("no kernel is loaded to jump into", hint="`load` one first")
        raise Ended("jump")

    def memory_available(self) -> int:
        return self.memory

    def log_mark(self) -> int:
        return len(self.log)

    def log_since(self, mark: int) -> list[str]:
        return self.log[max(0, mark) :]

    def loader_partuuid(self) -> str:
        return self.partuuid

    def sync(self) -> None:
        self._do("sync")

    def reboot(self, *, firmware: bool = False) -> NoReturn:
        self._do("reboot", *(["--firmware"] if firmware else []))
        raise Ended("firmware" if firmware else "reboot")

    def poweroff(self) -> NoReturn:
        self._do("poweroff")
        raise Ended("poweroff")

    def now(self) -> float:
        return self._clock

    def sleep(self, seconds: float) -> None:
        self._advance(self._clock + max(0.0, seconds))

    def write(self, text: str) -> None:
        self._written.append(text)

    def _do(self, verb: str, *words: str) -> None:
        self.actions.append(Action(verb, words))
        self._fault(f"{verb} {words[0]}" if words else verb)
        if words:
            self._fault(verb)

    def _fault(self, key: str) -> None:
        fault = self._fail.get(key)
        if isinstance(fault, list):
            fault = fault.pop(0) if fault else None
        if isinstance(fault, BaseException):
            if isinstance(fault, Failure):
                fault.span = None  # the same object may be raised from several places
            raise fault

    def _advance(self, until: float) -> None:
        """Move the clock, and let what comes meanwhile come."""
        if self._interrupt_at is not None and until >= self._interrupt_at:
            self._clock = max(self._clock, self._interrupt_at)
            self._interrupt_at = None
            raise Interrupted("interrupted while waiting")
        self._clock = max(self._clock, until)
        while self._later and self._later[0][0] <= self._clock:
            self._devices.append(self._later.pop(0)[1])
            self._changed = True


def _clean(path: str) -> str:
    """Return an absolute path without ``.``, ``..`` and double slashes."""
    return posixpath.normpath("/" + path.strip("/"))
