"""A scripted machine for tests: files in memory, a clock that only waiting moves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from kxsh.errors import (
    Failure,
    FormatFailure,
    Interrupted,
    IoFailure,
    NotFound,
    VerifyFailure,
)
from kxsh.machine.gone import Watched
from kxsh.machine.memory_root import MemoryRoot, Tree, clean
from kxsh.machine.protocol import (
    OLD,
    Action,
    Completed,
    Device,
    Download,
    Ended,
    FirmwareEntry,
    KernelImage,
    LoadMethod,
    Mount,
    Opened,
    Root,
)
from kxsh.record import replace
from kxsh.text import GIB, nearest, size

__all__ = ["FakeMachine", "MemoryRoot"]
Fault = BaseException | None
KEYMAPS = ("de", "fr", "us")
Program = Completed | Callable[[Sequence[str]], Completed]
IGNORES_CASE = frozenset(("vfat", "iso9660"))


class FakeMachine:
    """A machine whose world is its arguments.

    `files` maps a device's path to its tree, and ``"/"`` to the machine's own files.
    `later` are devices that come at a time (the clock starts at 0 and moves only by
    `sleep` and waiting). `fail` maps a verb, or a verb and its first word (``mount
    /dev/sda1``), to what is raised: an exception, or a list used up call by call where
    None is success. `programs` maps a name to what it returns; `modules` are the only
    ones that load (None: all do). `interrupt_at` is a time at which waiting is broken off.
    `inside` maps what can be opened (``luks /dev/sdb3``, whose key in `files` is that too,
    ``volumes vg0``, ``arrays``, ``loop disk.iso``) to the devices that it gives, `keys` a
    LUKS device to its key, `web` a URL to a file. `variables` are a loader's in the firmware.

    A program may mount `others`, and unmount the directories `unmounted`.

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
        inside: Mapping[str, Sequence[Device]] | None = None,
        keys: Mapping[str, bytes] | None = None,
        web: Mapping[str, bytes] | None = None,
        variables: Mapping[str, str] | None = None,
        firmware: Sequence[FirmwareEntry] = (),
    ) -> None:
        self.actions: list[Action] = []
        self.loaded: KernelImage | None = None
        self.memory = memory
        self.partuuid = partuuid
        self.variables = dict(variables or {})
        self.log = list(log)
        self._devices = list(devices)
        self._departed: list[Device] = []
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
        self.others: list[Mount] = []
        self.unmounted: list[str] = []
        self._mounted = 0
        self._opened: list[Opened] = []
        self._inside = dict(inside or {})
        self._keys = dict(keys or {})
        self._web = dict(web or {})
        self._firmware = list(firmware)
        self._written: list[str] = []

    @property
    def output(self) -> str:
        return "".join(self._written)

    def add(self, device: Device, tree: Tree | None = None) -> None:
        """Plug a device in, now."""
        self._devices.append(device)
        self._departed = [gone for gone in self._departed if gone != device]
        if tree is not None:
            self._files[device.path] = tree
        self._changed = True

    def remove(self, path: str) -> None:
        """Pull a device out, now."""
        self._departed += [device for device in self._devices if device.path == path]
        self._take_out(path)

    def departed(self) -> list[Device]:
        return self._departed[::-1]

    def _take_out(self, path: str) -> None:
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
        while not where and f"/mnt/{self._mounted}" in self.mount_points():
            self._mounted += 1
        path = where or f"/mnt/{self._mounted}"
        mount = Mount(device, path, fstype or device.fstype, writable, tuple(options))
        self._mounts.append(mount)
        return mount

    def unmount(self, mount: Mount) -> None:
        self._do("unmount", mount.path)
        if mount not in self._mounts:
            raise NotFound(f"nothing is mounted on {mount.path}")
        self._mounts.remove(mount)

    def mounts(self) -> list[Mount]:
        return list(self._mounts)

    def mount_points(self) -> list[str]:
        return [mount.path for mount in (*self._mounts, *self.others)]

    def reread_mounts(self, before: Sequence[str]) -> list[Mount]:
        self._mounts = [mount for mount in self._mounts if mount.path not in self.unmounted]
        new = [mount for mount in self.others if mount.path not in before]
        self._mounts += new
        return new

    def locate(self, path: str) -> tuple[Root, str]:
        device, inside = self._place(path)
        if device is None:
            return self._root_of(device), inside
        there = device not in self._departed
        root = self.root(device) if there else MemoryRoot({}, device.fstype in IGNORES_CASE)
        return Watched(root, device, lambda: device in self._departed), inside

    def _place(self, path: str) -> tuple[Device | None, str]:
        """Return the device whose mount holds a path, None for the machine's own files,
        and the path on it."""
        path = clean(path)
        for mount in sorted(self._mounts, key=lambda one: -len(one.path)):
            if path == mount.path or path.startswith(mount.path.rstrip("/") + "/"):
                return mount.device, path[len(mount.path) :] or "/"
        return None, path

    def _root_of(self, device: Device | None) -> MemoryRoot:
        return MemoryRoot(self._files.get("/", {})) if device is None else self.root(device)

    def replace_file(self, path: str, data: bytes) -> None:
        self._do("write", path)
        device, inside = self._place(path)
        key = "/" if device is None else device.path
        tree = dict(self._files.get(key, {}))
        if inside in tree:
            tree[inside + OLD] = tree[inside]
        self._files[key] = {**tree, inside: data}

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        self._do("open-luks", device.path, name)
        if key != self._keys.get(device.path, b""):
            raise VerifyFailure(f"this passphrase or key does not open {device}")
        return self._open("luks", device.path, name)

    def activate_volumes(self, group: str) -> Opened:
        self._do("activate-volumes", group)
        return self._open("volumes", group, group)

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        self._do("assemble-arrays", *(member.path for member in members))
        return self._open("arrays", "", "arrays")

    def open_loop(self, path: str) -> Opened:
        self._do("open-loop", path)
        root, inside = self.locate(path)
        root.open(inside).close()
        return self._open("loop", path.rpartition("/")[2], path)

    def _open(self, kind: str, what: str, name: str) -> Opened:
        devices = self._inside.get(f"{kind} {what}".strip())
        if devices is None:
            raise NotFound(f"there is nothing to open: {kind} {what}".rstrip())
        if kind == "luks":
            devices = [replace(device, path=f"/dev/mapper/{name}") for device in devices]
            self._files[devices[0].path] = self._files.get(f"{kind} {what}", {})
        opened = Opened(kind, name, tuple(devices))
        if opened in self._opened:
            if kind == "luks":
                raise IoFailure(f"{name} is in use")
            return replace(opened, kind="borrowed")
        self._opened.append(opened)
        self._devices += devices
        self._changed = True
        return opened

    def network_up(self, interface: str, timeout: float) -> Opened:
        self._do("network-up", *([interface] if interface else []))
        opened = Opened("network", interface or "eth0", address="192.0.2.7")
        self._opened.append(opened)
        return opened

    def fetch(self, wanted: Download, progress: Callable[[int, int], None]) -> str:
        self._do("fetch", wanted.url)
        data = self._web.get(wanted.url)
        if data is None:
            raise NotFound(f"the server answered 404 Not Found for {wanted.url}")
        if len(data) > wanted.limit:
            raise FormatFailure(f"{wanted.url} is larger than {size(wanted.limit)}")
        digest = hashlib.sha256(data).hexdigest()
        if wanted.sha256 and digest != wanted.sha256.lower():
            raise VerifyFailure(f"{wanted.url} is not the file that was meant")
        progress(len(data), len(data))
        path = f"/run/kxsh/fetched/{wanted.url.rpartition('/')[2]}"
        self._files["/"] = {**self._files.get("/", {}), path: data}
        return path

    def release(self, opened: Opened) -> None:
        if opened.kind == "borrowed":
            return
        self._do("release", opened.kind, opened.name)
        if opened not in self._opened:
            raise NotFound(f"{opened} is not open")
        used = {mount.device.path for mount in self._mounts}
        if used & {device.path for device in opened.devices}:
            raise IoFailure(f"{opened} is still in use")
        self._opened.remove(opened)
        for device in opened.devices:
            self._take_out(device.path)

    def root(self, device: Device) -> MemoryRoot:
        """Return the root of a device's tree, mounted or not."""
        ignores = self._ignores_case.get(device.path, device.fstype in IGNORES_CASE)
        return MemoryRoot(self._files.get(device.path, {}), ignores)

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

    def has(self, kind: str, name: str) -> bool:
        if kind == "program":
            return name in self._programs
        if kind == "feature":
            return name != "net" or bool(self._web)
        modules = self._modules
        return modules is None or name.replace("-", "_") in {it.replace("-", "_") for it in modules}

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
            piece = image.piece(path)
            path = piece.path if piece else path
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

    def timed_log(self) -> list[tuple[float, str]]:
        return [(float(number), text) for number, text in enumerate(self.log)]

    def firmware_entries(self) -> list[FirmwareEntry]:
        self._fault("firmware_entries")
        if not self._firmware:
            raise IoFailure("this machine did not start by UEFI")
        return list(self._firmware)

    def set_next_boot(self, number: int) -> None:
        self._do("next-boot", f"{number:04X}")
        self._firmware = [
            replace(entry, following=entry.number == number) for entry in self._firmware
        ]

    def loader_partuuid(self) -> str:
        return self.partuuid

    def loader_variable(self, name: str) -> str:
        return self.variables.get(name, "")

    def set_loader_variable(self, name: str, text: str) -> None:
        self._do("firmware-variable", name, text)
        self.variables[name] = text

    def set_keymap(self, name: str) -> None:
        self._do("keymap", name)
        if name not in KEYMAPS:
            near = nearest(name, KEYMAPS)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(KEYMAPS)}"
            raise NotFound(f"there is no keyboard layout {name}", hint=hint)

    def sync(self) -> None:
        self._do("sync")

    def unwritten(self) -> int:
        return 0

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
