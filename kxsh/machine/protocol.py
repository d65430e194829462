"""The one door to the world: everything a command can do goes through `Machine`.

`LinuxMachine` is the real one, `ImageMachine` a disk image as if it were a disk,
`RecordingMachine` a wrapper that does nothing and notes everything, `FakeMachine` a
scripted one for tests. Nothing above this floor knows which it has.

Every method raises only `errors.Failure` classes, without a span.
"""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.record import record
from kxsh.text import MIB

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, Literal, NoReturn, Protocol

    LoadMethod = Literal["file", "tools"]
    FileKind = Literal["file", "directory", "other"]
else:
    LoadMethod = FileKind = str
    Protocol = object

# A configuration larger than this is not one (GRUB, SYSLINUX and petitboot agree).
CONFIG_LIMIT = 1 * MIB


@record
class Device:
    """A block device, or a partition of one, and what its superblock says.

    `path` is the node (``/dev/sda1``; in an image ``/dev/disk0p1``), `size` in
    bytes, `disk` the path of the whole disk (its own path when it is one),
    `number` the partition's number or 0, `start` its first byte on the disk,
    `parttype` the MBR type as ``0xef`` or the GPT type GUID. Unknown is empty.
    """

    path: str
    label: str = ""
    uuid: str = ""
    partuuid: str = ""
    partlabel: str = ""
    fstype: str = ""
    size: int = 0
    removable: bool = False
    disk: str = ""
    number: int = 0
    start: int = 0
    parttype: str = ""
    pttype: str = ""
    model: str = ""

    def __str__(self) -> str:
        return self.path


@record
class Mount:
    """A mounted filesystem; as a word it is its directory."""

    device: Device
    path: str
    fstype: str
    writable: bool = False

    def __str__(self) -> str:
        return self.path


@record
class FileFacts:
    """What `Root.stat` knows: kind, size in bytes, and the name as the disk spells it."""

    kind: FileKind
    size: int
    path: str


class Root(Protocol):
    """Files below one directory, read-only. No path leads out of it.

    Paths use ``/`` and are taken from the root whether or not they begin with it;
    ``..`` stops at the root; symbolic links are followed inside the root. Where
    `ignores_case` holds (ISO 9660, FAT), a name matches in any case when it does
    not match exactly. Missing is `NotFound`; a link loop is `FormatFailure`.
    """

    ignores_case: bool

    def stat(self, path: str) -> FileFacts | None:
        """Return the facts of `path`, or None where there is nothing."""

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        """Return a regular file's bytes; more than `limit` of them is a `FormatFailure`."""

    def open(self, path: str) -> BinaryIO:
        """Open a regular file for reading; seekable."""

    def list(self, path: str) -> list[str]:
        """Return a directory's names, sorted, without ``.`` and ``..``."""


@record
class KernelImage:
    """What `Machine.load_kernel` is to load: paths, and how.

    `method` ``file`` is kexec_file_load(2), ``tools`` is kexec-tools with
    `tool_type` (its ``--type``, ``bzImage`` or ``elf-x86_64``...) where known.
    `cmdline` is complete and final.
    """

    kernel: str
    initrds: tuple[str, ...]
    cmdline: str
    method: LoadMethod = "file"
    fallback: bool = True
    dtb: str = ""
    modules: tuple[str, ...] = ()
    tool_type: str = ""

    def words(self) -> tuple[str, ...]:
        """Return the words of the `Action` that loads it, in kexec-tools' manner."""
        words = [self.kernel]
        words += [f"--initrd={path}" for path in self.initrds]
        words += [f"--module={module}" for module in self.modules]
        if self.dtb:
            words.append(f"--dtb={self.dtb}")
        return (*words, f"--command-line={self.cmdline}")


@record
class Completed:
    """A finished program: exit status and what it wrote, when that was captured."""

    status: int
    output: str = ""


@record
class Action:
    """One thing done to the world, as rehearsals show it: ``mount /dev/sda1 /mnt/1``."""

    verb: str
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.verb, *self.words))


class Machine(Protocol):
    """A machine that boots: see the module's text. Times are seconds."""

    # -- devices
    def devices(self) -> list[Device]:
        """Return every block device now there: each disk, then its partitions."""

    def wait_for_change(self, deadline: float) -> bool:
        """Sleep until a block device comes, goes or changes, or `deadline` (of `now`)
        passes; return False for the deadline. Changes since the last `devices()`
        count, so that no event is lost between looking and waiting."""

    # -- filesystems
    def mount(
        self,
        device: Device,
        where: str = "",
        *,
        fstype: str = "",
        options: Sequence[str] = (),
        writable: bool = False,
    ) -> Mount:
        """Mount; `where` empty picks a fresh directory. Read-only never replays a journal."""

    def unmount(self, mount: Mount) -> None: ...

    def mounts(self) -> list[Mount]:
        """Return what this machine object mounted and has not unmounted, oldest first."""

    def locate(self, path: str) -> tuple[Root, str]:
        """Return the root that holds the absolute `path`, and the path inside it."""

    def prefetch(self, path: str) -> None:
        """Have a file read into memory while other work goes on; a machine without
        such a cache does nothing. Never fails: reading the file will say why."""

    # -- kernel, modules, programs
    def load_module(self, name: str, arguments: str = "") -> None:
        """Load a module and what it depends on; one that is built in or loaded is fine."""

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        """Run a program (no shell) with the terminal, or with stdin closed when `capture`."""

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        """Load a kernel for `jump`; return the method that worked."""

    def kernel_loaded(self) -> bool: ...

    def unload_kernel(self) -> None: ...

    def jump(self) -> NoReturn:
        """Start the loaded kernel. Returns only by failing (or `Jumped` in a rehearsal)."""

    def memory_available(self) -> int:
        """Return bytes that a kernel and its initrd may take now (MemAvailable)."""

    def log_mark(self) -> int:
        """Return a mark in the kernel's log, for `log_since`."""

    def log_since(self, mark: int) -> list[str]:
        """Return the kernel's messages after `mark`, oldest first."""

    def loader_partuuid(self) -> str:
        """Return the PARTUUID, lower case, of the partition that the firmware says we were
        started from (systemd Boot Loader Interface, LoaderDevicePartUUID); empty: unknown."""

    # -- power, clock, terminal
    def sync(self) -> None: ...

    def reboot(self, *, firmware: bool = False) -> NoReturn:
        """Restart; with `firmware` into its set-up screen."""

    def poweroff(self) -> NoReturn: ...

    def now(self) -> float:
        """Return a monotonic clock's time."""

    def sleep(self, seconds: float) -> None: ...

    def write(self, text: str) -> None:
        """Write to the terminal. The caller has passed untrusted text through `display`."""


class Ended(BaseException):
    """The machine went away: what `jump`, `reboot` and `poweroff` raise in a rehearsal
    or a test. Not an Exception, so that no handler in a script or console swallows it."""

    def __init__(self, how: Literal["jump", "reboot", "poweroff", "firmware"]) -> None:
        super().__init__(how)
        self.how = how
