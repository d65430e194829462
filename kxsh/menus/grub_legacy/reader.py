"""From menu.lst to entries: what GRUB legacy would load when each is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.boot.entry import Entry, Menu, Passwords
from kxsh.machine.protocol import Root
from kxsh.menus import limits, paths
from kxsh.menus.disks import Disks
from kxsh.menus.grub_legacy.devices import Devices, Place
from kxsh.menus.grub_legacy.lines import COMMANDS, GRUB4DOS, cut, first_word, lines, number
from kxsh.menus.reading import Reading
from kxsh.menus.syslinux import programs
from kxsh.record import fresh, mutable, replace

_ENTRY_LINES = 256
_VARIABLES = 64


@mutable
class Title:
    """A `title` and the known commands under it: (line, command, argument)."""

    text: str
    file: str
    line: int
    commands: list[tuple[int, str, str]] = fresh(default_factory=list)


@mutable
class Config:
    """One menu file: what stands before its titles, and the titles that have commands."""

    path: str
    titles: list[Title] = fresh(default_factory=list)
    default: str = "0"
    fallback: str = ""
    timeout: int | None = None
    password: str | None = None
    variables: dict[str, str] = fresh(default_factory=dict)


@mutable
class Started:
    """What an entry's commands have set up so far."""

    root: Place
    kernel: str = ""
    kernel_at: Place | None = None
    cmdline: str = ""
    initrd: str = ""
    modules: list[str] = fresh(default_factory=list)
    obstacle: str = ""
    wrong: str = ""
    protected: bool = False
    secret: str = ""
    configfile: tuple[int, str] | None = None
    boots: bool = False


class Reader:
    """Reads a menu with those that it leads to by `configfile`."""

    def __init__(
        self, root: Root, form: str, disks: Disks, mapped: Mapping[str, str] | None = None
    ) -> None:
        self._root = root
        self._form = form
        self._disks = disks
        self._mapped = mapped or {}
        self._seen: set[tuple[str, str]] = set()
        # Ids of entries that GRUB would stop at with an error.
        self._failing: set[str] = set()
        # Of entries that have one by their ids, of the menu by the empty one.
        self._passwords = Passwords()

    def menu(self, path: str) -> Menu:
        self._reading = Reading(self._root, self._form, path)
        self._devices = Devices(self._reading, self._disks, self._mapped)
        config = self._config(path, self._reading.text(path))
        self._seen.add(("", path))
        started = self._list(config, (), "")
        default = started.get(self._default(config), "")
        if config.fallback:
            self._reading.facts["fallback"] = config.fallback
            default = self._fallen_back(config, started, default)
        menu = replace(self._reading.menu(default, config.timeout), passwords=self._passwords)
        if config.password is None:
            return menu
        self._passwords[""] = config.password
        return replace(menu, guarded=True, superusers=("",))

    def _fallen_back(self, config: Config, started: dict[int, str], default: str) -> str:
        """Return what starts in the end: where the default fails, the first of `fallback`
        that does not."""
        if default not in self._failing:
            return default
        for word in config.fallback.split():
            other = started.get(number(word) or 0, "") if number(word) is not None else ""
            if other and other not in self._failing:
                return other
        return default

    # -- a file

    def _config(self, path: str, text: str) -> Config:
        """Sort a file's lines; a title without a known command is none (a divider)."""
        config = Config(path)
        title: Title | None = None
        kept = 0
        for line, content in lines(text):
            command, argument = cut(self._expanded(config, content))
            if command == "title":
                title = Title(argument.rstrip(" "), path, line)
                if len(config.titles) >= limits.ENTRIES:
                    self._reading.complain(path, line, "further entries are left out")
                    break
            elif title is None:
                self._setting(config, command, argument)
            elif command in COMMANDS or command in GRUB4DOS:
                kept += len(content)
                if kept > limits.TOTAL_BYTES or len(title.commands) >= _ENTRY_LINES:
                    self._reading.complain(path, line, "the entry is too long")
                    continue
                title.commands.append((line, command, argument))
                if len(title.commands) == 1:
                    config.titles.append(title)
            else:
                self._reading.complain(
                    path, line, f"{line_start(content)}: GRUB has no such command"
                )
        return config

    def _setting(self, config: Config, command: str, argument: str) -> None:
        """Take in a command before the first title."""
        if command == "default":
            config.default = argument.strip()
        elif command == "fallback":
            config.fallback = " ".join(argument.split())[:200]
        elif command == "timeout":
            config.timeout = number(argument.strip())
        elif command == "password":
            config.password = _secret(argument)
        elif command == "set":  # GRUB4DOS
            name, _, value = argument.partition("=")
            if name and len(config.variables) < _VARIABLES:
                config.variables[name.strip()] = value.strip()[:400]

    def _expanded(self, config: Config, line: str) -> str:
        """Return a line with GRUB4DOS's ``%name%`` replaced where the file sets them."""
        if "%" in line and len(line) <= limits.LINE:
            for name, value in config.variables.items():
                line = line.replace(f"%{name}%", value)
                if len(line) > limits.LINE:
                    return line[: limits.LINE]
        return line

    def _default(self, config: Config) -> int:
        """Return the number of the entry that starts by itself."""
        words = config.default.split()
        wanted = words[0] if words else "0"
        found = number(wanted)
        if wanted == "saved" or wanted.startswith("/"):
            found = self._saved(config, wanted)
        elif found is None:
            self._reading.complain(config.path, 0, f"default {wanted[:40]}: not a number")
        if found is None or found >= len(config.titles):
            if found:
                self._reading.complain(config.path, 0, f"default {found}: there is no such entry")
            return 0
        return found

    def _saved(self, config: Config, wanted: str) -> int:
        """Return what ``savedefault`` wrote into the file ``default`` beside the menu."""
        path = wanted if wanted.startswith("/") else f"{paths.parent(config.path)}/default"
        path = paths.join("/", path)
        if not self._reading.holds(path):
            return 0
        words = self._reading.text(path)[:10].split()
        return (number(words[0]) if words else None) or 0

    # -- its entries

    def _list(self, config: Config, parents: tuple[str, ...], prefix: str) -> dict[int, str]:
        """List a file's entries; return {number: id of what it starts by itself}."""
        started = {}
        for index, title in enumerate(config.titles):
            if self._reading.full:
                break
            started[index] = self._entry(config, title, parents, f"{prefix}{index}")
        return started

    def _entry(self, config: Config, title: Title, parents: tuple[str, ...], name: str) -> str:
        state = Started(Place())
        for line, command, argument in title.commands:
            if not self._run(state, config, title, line, command, argument):
                break
        if state.configfile:
            inner = self._other(state, title, parents, name)
            if inner is not None:
                return inner
        found = self._reading.add(self._finished(state, title, parents, name))
        if found and state.secret:
            self._passwords[found] = state.secret
        return found

    def _other(
        self, state: Started, title: Title, parents: tuple[str, ...], name: str
    ) -> str | None:
        """List the menu that an entry leads to; None: it is no file (any more)."""
        line, path = state.configfile or (0, "")
        device = state.root.device
        key = (device.path if device and state.root.root is not self._root else "", path)
        if key in self._seen or len(parents) >= limits.DEPTH:
            state.obstacle = f"shows the menu {path}"
            return None
        self._seen.add(key)
        text = self._reading.text(path, title.file, line, state.root.root)
        if not text:
            state.obstacle = f"shows the menu {path}, which cannot be read"
            return None
        config = self._config(path, text)
        started = self._list(config, (*parents, title.text), f"{name}>")
        return started.get(self._default(config), "")

    def _run(
        self, state: Started, config: Config, title: Title, line: int, command: str, argument: str
    ) -> bool:
        """Run one command; return whether the next one would run."""
        if command in ("root", "rootnoverify"):
            device, _ = first_word(argument)
            if not device:  # GRUB shows which it is
                return True
            if not (device.startswith("(") and device.endswith(")")):
                self._reading.complain(title.file, line, f"{command} {device[:40]}: no device")
                state.wrong = state.wrong or f"`{command} {device[:40]}` names no device"
                return False
            state.root = self._devices.place(device[1:-1], self._wanted(title))
        elif command == "uuid":
            state.root = self._devices.by_uuid(argument.strip().strip("()"))
        elif command in ("find", "findiso"):
            words = argument.split()
            if words and (command == "findiso" or "--set-root" in words):
                state.root = self._devices.holding(paths.join("/", words[-1]))
        elif command in ("kernel", "kernel$"):
            self._kernel(state, argument)
        elif command == "initrd":
            state.initrd = self._file(state, first_word(argument)[0])[1]
        elif command in ("module", "module$", "modulenounzip", "multiboot_module"):
            if len(state.modules) < limits.INITRDS:
                file, rest = first_word(argument)
                state.modules.append(f"{self._file(state, file)[1]} {rest}".rstrip(" "))
        elif command == "configfile":
            state.configfile = (line, self._file(state, first_word(argument)[0])[0])
            return False
        elif command == "lock":
            state.protected = state.protected or config.password is not None
        elif command == "password":
            state.protected, state.secret = True, _secret(argument)
        elif command == "boot":
            return False
        elif command in _ENDS:
            state.obstacle = state.obstacle or _ENDS[command]
        return True

    def _wanted(self, title: Title) -> str:
        """Return the kernel's path, which tells the right disk from others."""
        for _, command, argument in title.commands:
            if command in ("kernel", "kernel$", "configfile"):
                file = first_word(_without_options(argument))[0]
                return "" if file.startswith("(") else paths.join("/", file)
        return ""

    def _kernel(self, state: Started, argument: str) -> None:
        name, rest = first_word(_without_options(argument))
        state.kernel_at, state.kernel = self._place(state, name), self._file(state, name)[1]
        state.cmdline, state.modules, state.initrd = rest, [], ""
        state.obstacle = ""

    def _place(self, state: Started, name: str) -> Place:
        if name.startswith("("):
            device, _, path = name[1:].partition(")")
            return self._devices.place(device, paths.join("/", path)) if device else state.root
        return state.root

    def _file(self, state: Started, name: str) -> tuple[str, str]:
        """Return (path on its own filesystem, path as an entry names it)."""
        place = self._place(state, name)
        if place.wrong and not state.wrong:
            state.wrong = place.wrong
        path = paths.join("/", name.partition(")")[2] if name.startswith("(") else name)
        return path, self._devices.spell(place, path)

    def _finished(self, state: Started, title: Title, parents: tuple[str, ...], name: str) -> Entry:
        obstacle = state.obstacle or state.wrong
        if not state.kernel and not obstacle:
            obstacle = "starts no kernel"
        if not obstacle:
            obstacle = programs.obstacle("linux", state.kernel.removesuffix(".efi"))
        if state.wrong or (state.kernel and not obstacle and self._missing(state, title)):
            self._failing.add(name)
        return Entry(
            id=name,
            title=title.text or f"entry {name}",
            kernel=state.kernel,
            initrds=(state.initrd,) if state.initrd else (),
            cmdline=state.cmdline,
            handover="" if obstacle else state.cmdline,
            modules=tuple(state.modules),
            not_bootable=obstacle,
            source=title.file,
            parents=parents,
            protected=state.protected,
            users=(name,) if state.secret else (),
        )

    def _missing(self, state: Started, title: Title) -> bool:
        """Return and note that the kernel is not where the entry says; it stays in the menu."""
        place = state.kernel_at or Place()
        path = state.kernel.partition(":")[2] if ":/" in state.kernel else state.kernel
        if self._reading.holds(path, place.root or self._root):
            return False
        self._reading.complain(title.file, title.line, f"{title.text}: no file {state.kernel}")
        return True


_ENDS = {
    "chainloader": "starts another boot loader through the BIOS (chainloader)",
    "reboot": "restarts the machine",
    "halt": "switches the machine off",
    "setup": "installs GRUB on a disk",
    "install": "installs GRUB on a disk",
    "commandline": "leads to GRUB's command line",
}


def _secret(argument: str) -> str:
    """Return what a `password` line's word or hash is."""
    words = [word for word in argument.split(" ") if word not in ("--md5", "--encrypted", "")]
    return words[0] if words else ""


def line_start(content: str) -> str:
    """Return what a problem quotes of a line."""
    return content.split(" ")[0][:40]


def _without_options(argument: str) -> str:
    """Return a `kernel` line's argument without ``--type=linux`` and ``--no-mem-option``."""
    while argument.startswith("--"):
        argument = first_word(argument)[1]
    return argument
