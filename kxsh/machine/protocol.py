"""The one door to the world: everything a command can do goes through `Machine`.

`LinuxMachine` is the real one, `ImageMachine` a disk image as if it were a disk,
`RecordingMachine` a wrapper that does nothing and notes everything, `FakeMachine` a
scripted one for tests. Nothing above this floor knows which it has.

Every method raises only `errors.Failure` classes, without a span.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.record import record
from kxsh.text import MIB

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, Literal, NoReturn, Protocol

    LoadMethod = Literal["file", "tools"]
    FileKind = Literal["file", "directory", "block", "other"]
else:
    LoadMethod = FileKind = str
    Protocol = object

# A configuration larger than this is not one (GRUB, SYSLINUX and petitboot agree).
CONFIG_LIMIT = 1 * MIB
# Behind the names of a replaced file: being written, and as it was before.
NEW, OLD = ".new", ".old"
# Filesystems that are made whole, and not written to afterwards.
_ONLY_READ = ("iso9660", "udf", "squashfs", "erofs", "cramfs")


@record
class Device:
    """A block device, or a partition of one, and what its superblock says.

    `path` is the node (``/dev/sda1``; in an image ``/dev/disk0p1``), `size` in
    bytes, `disk` the path of the whole disk (its own path when it is one),
    `number` the partition's number or 0, `start` its first byte on the disk,
    `parttype` the MBR type as ``0xef`` or the GPT type GUID, `names` other paths of the
    same device (``/dev/vg0/root``), `sequence` the kernel's number of its medium: another
    one, or the same plugged in again, has another number. `protected`: nothing can be
    written to it, as the kernel says. Unknown is empty.
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
    names: tuple[str, ...] = ()
    sequence: str = ""
    protected: bool = False

    @property
    def only_read(self) -> bool:
        """Whether no file on it can be written: its medium, or the filesystem of a CD."""
        return self.protected or self.fstype in _ONLY_READ

    def __str__(self) -> str:
        return self.path


@record
class Mount:
    """A mounted filesystem; as a word it is its directory. `options` are those asked for."""

    device: Device
    path: str
    fstype: str
    writable: bool = False
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.path


@record
class Opened:
    """What was opened besides a mount, until `Machine.release` closes it.

    `kind` is ``luks``, ``volumes``, ``arrays``, ``loop``, ``network``, or ``borrowed`` for
    what was there before and is left alone; `name` is what its own tool calls it;
    `devices` are those that it gave, `address` a network card's own.
    """

    kind: str
    name: str
    devices: tuple[Device, ...] = ()
    address: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


# What a block opens and its end closes.
Resource = Mount | Opened


@record
class Download:
    """What `Machine.fetch` is to fetch: `sha256` in hex or empty, `timeout` for the whole
    of it in seconds, `limit` in bytes."""

    url: str
    sha256: str
    timeout: float
    limit: int


@record
class FirmwareEntry:
    """One of the firmware's own boot entries (UEFI ``Boot####``). `current`: it started this
    machine; `following`: it is chosen for the next start."""

    number: int
    title: str
    current: bool = False
    following: bool = False

    def __str__(self) -> str:
        return f"{self.number:04X}"


@record
class FileFacts:
    """What `Root.stat` knows: kind, size in bytes, and the name as the disk spells it. A disk's
    device is of the kind ``block``."""

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
class Piece:
    """A part of a file that is loaded as if it were a file: `size` bytes from `offset`."""

    path: str
    offset: int
    size: int


@record
class KernelImage:
    """What `Machine.load_kernel` is to load: paths, and how.

    `pieces` says of names among them that they are parts of files.

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
    pieces: tuple[tuple[str, Piece], ...] = ()

    def piece(self, path: str) -> Piece | None:
        """Return the part of a file that a path stands for, None where it is a file."""
        return dict(self.pieces).get(path)

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

    def departed(self) -> list[Device]:
        """Return what an earlier `devices()` had and is not plugged in any more, the last
        first; what was opened and closed again is not among it."""

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

    def mount_points(self) -> list[str]:
        """Return every directory where something is mounted, whoever did that."""

    def reread_mounts(self, before: Sequence[str]) -> list[Mount]:
        """Forget what another program has unmounted; take up and return the block devices
        that one has mounted where `mount_points` did not have one `before`."""

    def locate(self, path: str) -> tuple[Root, str]:
        """Return the root that holds the absolute `path`, and the path inside it."""

    def replace_file(self, path: str, data: bytes) -> None:
        """Write the small file at the absolute `path` whole, so that it survives a power
        cut: a copy is written and synced, then renamed. What was there before is kept
        beside it with `OLD` behind its name. Missing folders are made; a filesystem that
        this machine object mounted read-only is made writable for the moment."""

    # -- devices inside of others; each is open until `release`
    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        """Open a LUKS container as /dev/mapper/`name`; `VerifyFailure` for a wrong key."""

    def activate_volumes(self, group: str) -> Opened:
        """Make the volumes of an LVM volume group appear; `NotFound` without the group."""

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        """Assemble the MD arrays on `members`, or on all disks; `NotFound` without one."""

    def open_loop(self, path: str) -> Opened:
        """Show the image file at `path` as a read-only disk with its partitions."""

    # -- network
    def network_up(self, interface: str, timeout: float) -> Opened:
        """Give a network card (empty: any) an address by DHCP, within `timeout` seconds."""

    def fetch(self, wanted: Download, progress: Callable[[int, int], None]) -> str:
        """Fetch a file into memory and return its path; `progress` is told the bytes that
        came and those that will (0: unknown)."""

    def release(self, opened: Opened) -> None:
        """Close what was opened."""

    # -- kernel, modules, programs
    def load_module(self, name: str, arguments: str = "") -> None:
        """Load a module and what it depends on; one that is built in or loaded is fine."""

    def has(self, kind: str, name: str) -> bool:
        """Tell whether there is a module, filesystem, program or feature of a loader."""

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

    def timed_log(self) -> list[tuple[float, str]]:
        """Return all messages that the kernel still has, with seconds since it started."""

    def loader_partuuid(self) -> str:
        """Return the PARTUUID, lower case, of the partition that the firmware says we were
        started from (systemd Boot Loader Interface, LoaderDevicePartUUID); empty: unknown."""

    def loader_variable(self, name: str) -> str:
        """Return the text of a variable that systemd-boot keeps in the firmware (systemd Boot
        Loader Interface: LoaderEntryDefault and its like); empty: there is none."""

    def set_loader_variable(self, name: str, text: str) -> None:
        """Set such a variable, so that it lasts; empty text deletes it."""

    def firmware_entries(self) -> list[FirmwareEntry]:
        """Return the firmware's own boot entries in its order; `IoFailure` without UEFI."""

    def set_next_boot(self, number: int) -> None:
        """Have the firmware start this entry of its own once, at the next start."""

    # -- power, clock, terminal
    def set_keymap(self, name: str) -> None:
        """Load a keyboard layout for the machine's own screen."""

    def sync(self) -> None: ...

    def unwritten(self) -> int:
        """Return how many bytes wait to be written to disks, of all that was written."""

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
