"""From one configuration's labels to entries, and what it would start by itself."""

from __future__ import annotations

from kxsh.boot.entry import Entry
from kxsh.menus import limits, paths
from kxsh.menus.syslinux import command, lexer, programs
from kxsh.menus.syslinux.command import Command
from kxsh.menus.syslinux.tree import Config, Label, Submenu
from kxsh.record import mutable, record, replace

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.menus.syslinux.reader import Reader


@record
class Place:
    """Where a configuration is read: its working directory and how it was reached.

    `shown`: a menu program reads it, whatever the configuration says itself.
    """

    directory: str
    parents: tuple[str, ...] = ()
    shown: bool = False


@mutable
class Outcome:
    """What a configuration would do by itself: see `Menu`."""

    default: str = ""
    timeout: float | None = None
    title: str = ""
    other: bool = False  # another configuration's, with its own times


class Listing:
    """Lists one configuration's labels as entries, in menu order."""

    def __init__(self, reader: Reader, config: Config, place: Place) -> None:
        self._reader = reader
        self._config = config
        self._place = place
        # What a label starts by itself: an entry's id, or another configuration.
        self._started: dict[Label, Outcome] = {}
        # What ONTIMEOUT starts, where that is no label.
        self._late: Outcome | None = None
        # What another file shows as the menu; the labels here are then the prompt's alone.
        self._instead: Outcome | None = None

    def run(self) -> Outcome:
        config = self._config
        if not self._place.shown and "~" not in lexer.words(config.ui or config.default):
            self._instead = self._other_menu()  # first: it may include what is here
        for label in config.labels:
            self._reader.claims.setdefault(_line(label), self)
        implicit = None if config.ui or self._shown() else self._implicit("DEFAULT", config.default)
        self._late = self._implicit("ONTIMEOUT", config.on_timeout)
        self._list(config.menu, self._place.parents)
        return self._outcome(implicit)

    # -- what would start

    def _outcome(self, implicit: Outcome | None) -> Outcome:
        config = self._config
        label = None if config.ui else config.label(config.default)
        started = self._started.get(label, Outcome()) if label else Outcome()
        if started.other:
            return started
        if self._shown():
            other = self._instead or self._other_menu()
            return other or self._timed(self._of_menu(self._start_menu()), config.timeout)
        if implicit is not None:
            return self._timed(implicit, config.timeout if config.prompt else -1)
        if label is None:  # the prompt; U-Boot, which reads EXTLINUX files, minds MENU DEFAULT
            default = config.menu.default
            chosen = self._of_menu(config.menu) if default else Outcome()
            if config.on_timeout:
                return self._timed(chosen, config.timeout)
            return Outcome(chosen.default, None, config.menu.title)
        return self._timed(started, config.timeout if config.prompt else -1)

    def _timed(self, outcome: Outcome, tenths: int) -> Outcome:
        """Return `outcome` with this configuration's times; -1 starts at once."""
        config = self._config
        title = outcome.title or config.menu.title
        if tenths < 0:
            return Outcome(outcome.default, 0.0, title)
        waits = [time for time in (tenths, config.total_timeout) if time > 0]
        timeout = min(waits) / 10 if waits else None
        label = config.label(config.on_timeout)
        if waits and config.on_timeout:
            outcome = self._late or (self._started.get(label, outcome) if label else outcome)
        return Outcome(outcome.default, timeout, title)

    def _shown(self) -> bool:
        return self._place.shown or programs.shows_menu(self._config)

    def _start_menu(self) -> Submenu:
        config = self._config
        label = config.label(config.default)
        if label is None or label.hidden:
            return config.start or config.menu
        menu = _holder(config.menu, label) or config.menu
        menu.default = label
        return menu

    def _of_menu(self, menu: Submenu) -> Outcome:
        """Return what a shown menu starts: its default, else its first entry."""
        items = [menu.default] if menu.default else []
        for item in items + list(menu.items):
            if isinstance(item, Submenu):
                outcome = self._of_menu(item)
            else:
                outcome = Outcome() if item.hidden else self._started.get(item, Outcome())
            if outcome.default:
                return outcome
        return Outcome()

    def _other_menu(self) -> Outcome | None:
        """Return the outcome of ``UI vesamenu.c32 other.cfg``, read as the menu shown."""
        config = self._config
        program, rest = lexer.cut(config.ui or config.default)
        names = [name for name in lexer.words(rest) if name != "~"]
        if programs.module_name(program) not in programs.MENU_PROGRAMS or not names:
            return None
        return self._reader.read(names, replace(self._place, shown=True))

    def _implicit(self, keyword: str, line: str) -> Outcome | None:
        """List what a DEFAULT or ONTIMEOUT starts when it is more than a label: a file, or
        options."""
        config, reader = self._config, self._reader
        if not line:
            return None
        label, (word, options) = config.label(line), lexer.cut(line)
        if keyword == "ONTIMEOUT" and self._shown():  # menu.c32 keeps every blank
            options = options and line.strip(lexer.BLANKS)[len(word) + 1 :]
        source = Label(line.strip(), "", self._file(label), label.line if label else 0)
        if label is not None:
            whole = config.whole_names and label.name == line.strip()
            if whole or not options:
                return None
            started = command.of_label(label).with_options(options)
            source.kind, source.title = label.kind, f"{_title(label)} {options}"
        else:
            started = command.of_words(line)
            # A path is meant as a file even where the file is missing.
            path = self._resolve(started.kernel)
            there = not reader.networked and reader.find(path, self._file(None), 0)
            if "/" not in started.kernel and not there:
                message = f"{keyword} {line}: neither a label nor a file"
                reader.complain(self._file(None), 0, message)
                return None
        return self._label(source, self._place.parents, started)

    def _file(self, label: Label | None) -> str:
        if label is not None:
            return label.file
        return self._config.labels[0].file if self._config.labels else self._place.directory

    # -- listing

    def _list(self, menu: Submenu, parents: tuple[str, ...]) -> None:
        for item in menu.items:
            if isinstance(item, Submenu):
                self._list(item, (*parents, item.shown))
            elif self._reader.claims[_line(item)] is not self:
                continue  # listed where it was met first
            elif not item.action and not self._reader.full(item.file, item.line):
                self._started[item] = self._label(item, parents, command.of_label(item))

    def _label(self, label: Label, parents: tuple[str, ...], started: Command) -> Outcome:
        """List what a label starts; return what it does by itself."""
        for _ in range(limits.DEPTH):
            kind = programs.kind_of(label.kind, started.kernel)
            module = programs.module_name(started.kernel) if kind == "com32" else ""
            chosen = programs.chosen(module, started.arguments, self._reader.variant)
            if not chosen:
                break
            target = self._config.label(chosen)
            options = "" if target and target.name == chosen else lexer.cut(chosen)[1]
            source = target or Label(chosen, chosen, label.file, label.line)
            label = replace(
                source,
                name=label.name,
                title=_title(label),
                hidden=label.hidden,
                help=label.help or source.help,
            )
            started = command.of_label(target) if target else command.of_words(chosen)
            started = started.with_options(options)
        if kind == "config":
            return self._config_file(label, parents, started)
        if module in programs.MENU_PROGRAMS:
            return self._menu_program(label, parents, started)
        return Outcome(self._entry(label, parents, started, kind, module))

    def _config_file(self, label: Label, parents: tuple[str, ...], started: Command) -> Outcome:
        directory = self._place.directory
        moved = lexer.cut(started.arguments)[0]
        name = self._resolve(started.kernel)
        place = Place(
            self._reader.resolve(moved, directory) if moved else directory,
            (*parents, _title(label)),
        )
        return self._other(self._reader.read([name], place))

    def _menu_program(self, label: Label, parents: tuple[str, ...], started: Command) -> Outcome:
        names = [name for name in lexer.words(started.arguments) if name != "~"]
        if not names:  # the menu of this same configuration
            return Outcome()
        place = replace(self._place, parents=(*parents, _title(label)), shown=True)
        return self._other(self._reader.read(names, place))

    def _entry(
        self, label: Label, parents: tuple[str, ...], started: Command, kind: str, module: str
    ) -> str:
        """Add the entry of a label that starts one thing; return its id."""
        if label.disabled and label.kernel == label.word:  # a heading
            return ""
        reader = self._reader
        modules: tuple[str, ...] = ()
        obstacle = "" if module == "linux" else programs.obstacle(kind, started.kernel)
        if reader.networked and obstacle == programs.from_network(started.kernel):
            obstacle = ""
        if module == "linux":
            started = _of_linux_module(started)
        elif module == "mboot":
            obstacle = programs.multiboot_obstacle(started.arguments)
            started, modules = self._multiboot(started)
        if label.disabled:
            obstacle = "disabled in the menu"
        linux = not obstacle and module != "mboot"
        name = reader.unique(label.name or label.word or "unnamed")
        if label.password:
            reader.passwords[name] = label.password
        entry = Entry(
            id=name,
            title=_title(label),
            kernel="" if kind == "localboot" else self._path(started.kernel, label, not obstacle),
            initrds=tuple(self._path(name, label, linux) for name in started.initrds)
            if module != "mboot"
            else (),
            cmdline=started.append,
            boot_image=started.kernel if linux else "",
            handover=started.handover if linux else started.append if not obstacle else "",
            modules=modules,
            dtb=self._path(label.fdt, label, linux) if label.fdt else "",
            not_bootable=obstacle,
            source=label.file,
            help="\n".join(label.help),
            parents=parents,
            hotkey=label.hotkey,
            hidden=label.hidden or self._instead is not None,
            protected=bool(label.password) or (label.password == "" and self._config.master != ""),
            users=(name,) if label.password else (),
        )
        if label.fdtdir:
            folder = reader.facts[f"fdtdir.{entry.id}"] = self._resolve(label.fdtdir)
            said = f"{entry.id}: only U-Boot knows which file of {folder} its board needs: none is"
            reader.complain(label.file, label.line, f"{said} passed on")
        reader.entries.append(entry)
        return entry.id

    def _multiboot(self, started: Command) -> tuple[Command, tuple[str, ...]]:
        """Return the kernel and the modules of ``mboot.c32 KERNEL ... --- MODULE ...``."""
        if started.arguments.startswith("-"):  # ESXi: -c boot.cfg
            return replace(started, append=started.arguments), ()
        parts = f" {started.arguments} ".split(" --- ")
        modules = []
        for part in parts[1:]:
            name, arguments = lexer.cut(part.rstrip(lexer.BLANKS))
            if name:
                modules.append(f"{self._resolve(name)} {arguments}".rstrip())
        return command.of_words(parts[0].rstrip(lexer.BLANKS)), tuple(modules)

    def _other(self, outcome: Outcome | None) -> Outcome:
        return replace(outcome, other=True) if outcome else Outcome()

    def _resolve(self, name: str) -> str:
        return self._reader.resolve(name, self._place.directory)

    def _path(self, name: str, label: Label, expected: bool) -> str:
        """Return a file's path as the disk spells it; a missing one is a problem."""
        if programs.from_network(name):
            return self._resolve(name) if self._reader.networked else name
        path = self._resolve(name)
        facts = self._reader.find(path, label.file, label.line)
        if facts is not None and facts.kind == "file":
            return paths.spelled(path, facts)
        if expected:
            self._reader.complain(label.file, label.line, f"{label.name}: no file {path}")
        return path


def _line(label: Label) -> tuple[str, int, str]:
    return label.file, label.line, command.of_label(label).handover


def _title(label: Label) -> str:
    return label.title or label.name


def _holder(menu: Submenu, wanted: Label) -> Submenu | None:
    """Return the menu that holds a label."""
    for item in menu.items:
        if item is wanted:
            return menu
        found = _holder(item, wanted) if isinstance(item, Submenu) else None
        if found:
            return found
    return None


def _of_linux_module(started: Command) -> Command:
    """Return what linux.c32 starts: its first argument, with the rest as arguments."""
    words = lexer.words(started.arguments)
    while words and words[0].startswith("-"):
        words.pop(0)
    arguments = " ".join(words[1:])
    return Command(words[0] if words else "", arguments, arguments)
