"""A boot entry and the menu it stands in, whatever loader they were written for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kxsh.record import fresh, record, replace


@record
class Write:
    """A file that a loader would overwrite (GRUB's environment block): path, contents.

    ``firmware:NAME`` is a variable in the firmware that it would delete.
    """

    path: str
    data: bytes


@record
class Entry:
    """One bootable (or explained) line of a menu.

    Paths are absolute on the filesystem that the menu was read from, as its loader
    would resolve them. `cmdline` is what the configuration says, to the letter;
    `boot_image` is the BOOT_IMAGE= value its loader would add (empty: none);
    `handover` is the whole command line that the loader would have handed over.
    `not_bootable` says why kexec cannot start it (empty: it can be tried).
    `modules` are a Multiboot kernel's, each a path and its arguments.
    `parents` are the titles of the submenus it stands in, outermost first.
    `protected`: its loader would ask for a password first, that of a superuser of the menu
    or of one of `users`.
    A file on another filesystem than the menu's is ``/dev/sda2:/path``, and one inside of
    the image file `image` (an ISO that a stick keeps as a file) is ``image:/path``.
    `hotkey` is the key that starts it at once (empty: none), `writes` are the files that
    its loader would change when it is chosen.
    """

    id: str
    title: str
    kernel: str = ""
    initrds: tuple[str, ...] = ()
    cmdline: str = ""
    boot_image: str = ""
    handover: str = ""
    modules: tuple[str, ...] = ()
    dtb: str = ""
    default: bool = False
    not_bootable: str = ""
    source: str = ""
    help: str = ""
    parents: tuple[str, ...] = ()
    hidden: bool = False
    protected: bool = False
    users: tuple[str, ...] = ()
    hotkey: str = ""
    writes: tuple[Write, ...] = ()
    image: str = ""

    def rebased(self, base: str) -> Entry:
        """Return the entry with its paths below the mount point `base`."""

        def put(path: str) -> str:
            if not path.startswith("/") or elsewhere(path):
                return path  # on another device, or from the network
            return base.rstrip("/") + "/" + path.lstrip("/")

        return replace(self.on(put), source=put(self.source), image=put(self.image))

    def on(self, put: Callable[[str], str]) -> Entry:
        """Return the entry with what `put` makes of each path of its files."""
        return replace(
            self,
            kernel=put(self.kernel),
            initrds=tuple(put(path) for path in self.initrds),
            modules=tuple(_put_first(put, module) for module in self.modules),
            dtb=put(self.dtb),
            writes=moved_writes(self.writes, put),
        )

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "title": self.title,
            "kernel": self.kernel,
            "initrds": list(self.initrds),
            "cmdline": self.cmdline,
            "boot_image": self.boot_image,
            "handover": self.handover,
            "modules": list(self.modules),
            "dtb": self.dtb,
            "default": self.default,
            "not_bootable": self.not_bootable,
            "protected": self.protected,
        }

    def __str__(self) -> str:
        return self.title


def moved_writes(writes: tuple[Write, ...], put: Callable[[str], str]) -> tuple[Write, ...]:
    """Return the writes with what `put` makes of each path on a disk."""
    return tuple(
        write if not write.path.startswith("/") else replace(write, path=put(write.path))
        for write in writes
    )


def _put_first(put: Callable[[str], str], module: str) -> str:
    path, blank, arguments = module.partition(" ")
    return put(path) + blank + arguments


def elsewhere(path: str) -> tuple[str, str] | None:
    """Return (device, path there) of an entry's file on another filesystem, else None;
    (``image``, path) where that is the entry's image file."""
    device, colon, inner = path.partition(":/")
    known = device == "image" or device.startswith("/dev/")
    return (device, "/" + inner) if colon and known else None


@record
class Problem:
    """Something a reader met and went on from: file, line (0: the whole file), what."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.message}"
            if self.line
            else f"{self.file}: {self.message}"
        )


class Passwords(dict[str, str]):
    """Names of users, each with what a password has to match: its text or its hash.

    What is printed of a menu does not show them.
    """

    def __repr__(self) -> str:
        return f"<passwords of {len(self)}>"


@record
class Menu:
    """What a reader found. `timeout` in seconds, None: the loader would wait for ever.

    `default` is the id of the entry that would start by itself, empty: none. A search
    adds the `device` that has it (empty: unknown), whether its loader's own files are
    there (`installed`), and whether it is the one `in_charge` of its disk.
    `writes` are the files that the loader would change before it shows the menu.
    `guarded`: its loader lets only `superusers` edit an entry or have a prompt (nobody,
    where none is named); `passwords` are those it knows, by names of users: "" is the one
    of a menu that has no users, and an entry's id that of an entry with its own.
    """

    format: str
    source: str
    entries: tuple[Entry, ...] = ()
    default: str = ""
    timeout: float | None = None
    title: str = ""
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, str] = fresh(default_factory=dict)
    device: str = ""
    installed: bool = False
    in_charge: bool = False
    writes: tuple[Write, ...] = ()
    guarded: bool = False
    superusers: tuple[str, ...] = ()
    passwords: Passwords = fresh(default_factory=Passwords)

    def entry(self, wanted: str) -> Entry | None:
        """Return the entry with this id, else with this title, else None."""
        for entry in self.entries:
            if entry.id == wanted:
                return entry
        return next((entry for entry in self.entries if entry.title == wanted), None)

    def named_instead(self, wanted: str, what: str) -> str:
        """Return what may be meant by a name that no entry has: the nearest, else `what`
        with all ids."""
        from kxsh.text import as_word, names_in_a_row, nearest

        for meant in (
            {entry.id: entry.id for entry in self.entries},
            {entry.title: entry.title for entry in self.entries},
            {entry.title.rpartition(" > ")[2]: entry.title for entry in self.entries},
        ):
            near = nearest(wanted, meant)
            if near:
                return f"did you mean {as_word(meant[near])}?"
        return f"{what}: {names_in_a_row([entry.id for entry in self.entries])}"

    @property
    def default_entry(self) -> Entry | None:
        return self.entry(self.default) if self.default else None

    def as_json(self) -> dict[str, object]:
        return {
            "format": self.format,
            "source": self.source,
            "default": self.default,
            "timeout": self.timeout,
            "in_charge": self.in_charge,
            "entries": [entry.as_json() for entry in self.entries],
        }
