"""From a configuration to its menu: own targets, GRUB's below them, kernel modules."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.entry import Entry, Menu, elsewhere
from kxsh.errors import Failure
from kxsh.machine.protocol import Root
from kxsh.menus import disks as known
from kxsh.menus import limits, paths
from kxsh.menus.disks import Disks
from kxsh.menus.grub_legacy.devices import Place
from kxsh.menus.kexec_loader.config import Config, Target, add_module, cut, parse
from kxsh.menus.kexec_loader.devices import Devices
from kxsh.menus.reading import Reading
from kxsh.record import replace

_GRUB_FOLDERS = ("/boot/grub", "/grub")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.lzma", ".tlz")


class Reader:
    """Reads one configuration with what belongs to it."""

    def __init__(self, reading: Reading, disks: Disks) -> None:
        self._reading = reading
        self._disks = disks

    def menu(self) -> Menu:
        reading = self._reading
        config = parse(reading, reading.text(reading.source))
        self._devices = Devices(reading, self._disks, config.grub_map)
        default = ""
        for target in config.targets:
            found = self._target(config, target)
            if found and target.default and not default:
                default = found
        grub = self._grub(config)
        if grub is not None:
            default = self._add_grub(*grub, default)
        self._modules(config)
        first = reading.entries[0].id if reading.entries else ""
        return reading.menu(default or first, _timeout(config, grub[1] if grub else None))

    # -- targets

    def _target(self, config: Config, target: Target) -> str:
        """Add an entry and return its id; a target without what it needs is dropped."""
        need = "a mount" if config.old else "a root device"
        if not target.kernel or not (target.mounts if config.old else target.root):
            missing = need if target.kernel else "a kernel"
            message = f"{target.title}: dropped, it has not {missing}"
            self._reading.complain(self._reading.source, target.line, message)
            return ""
        find = self._mounted(target) if config.old else self._below_root(target)
        kernel, wrong = self._file(find, target.kernel)
        initrd, trouble = self._file(find, target.initrd) if target.initrd else ("", "")
        modules = []
        for module in target.modules:
            name, arguments = cut(module)
            path, missing = self._file(find, name)
            modules.append(f"{path} {arguments}".rstrip())
            trouble = trouble or missing
        if target.reset_vga:
            self._reading.facts[f"reset-vga.{target.title}"] = "asked for"
        cmdline = " ".join(filter(None, (target.cmdline, target.append)))
        obstacle = wrong or trouble
        return self._reading.add(
            Entry(
                id=target.title,
                title=target.title,
                kernel=kernel,
                initrds=(initrd,) if initrd else (),
                cmdline=cmdline,
                handover="" if obstacle else cmdline,
                modules=tuple(modules),
                not_bootable=obstacle,
                source=self._reading.source,
            )
        )

    def _file(self, find: Callable[[str], tuple[Place, str]], text: str) -> tuple[str, str]:
        """Return how the entry names a file, and why it cannot be had."""
        place, path = find(text)
        if not place.wrong and not self._reading.holds(path, place.root or self._reading.root):
            self._reading.complain(
                self._reading.source, 0, f"no file {self._devices.spell(place, path)}"
            )
        return self._devices.spell(place, path), place.wrong

    def _below_root(self, target: Target) -> Callable[[str], tuple[Place, str]]:
        """2.x: ``/path`` is seen from the target's root."""
        root = self._devices.place(target.root, paths.join("/", target.kernel))
        return lambda text: self._devices.file(text, root)

    def _mounted(self, target: Target) -> Callable[[str], tuple[Place, str]]:
        """1.x: paths are seen through the target's mounts, the deepest one first."""
        points = [(paths.join("/", point), device) for device, point in target.mounts]
        points.sort(key=lambda pair: -len(pair[0]))

        def find(text: str) -> tuple[Place, str]:
            path = paths.join("/", text)
            for point, device in points:
                inner = path.removeprefix(point.rstrip("/"))
                if point == "/" or (inner != path and inner.startswith("/")):
                    return self._devices.place(device, inner), inner
            return Place(wrong=f"nothing is mounted for {path}"), path

        return find

    # -- GRUB

    def _grub(self, config: Config) -> tuple[Place, Menu] | None:
        """Return GRUB's menu that is to stand below the own one, and where it lies."""
        if config.old:
            if not config.grub_root:
                return None
            places = [(self._devices.place(config.grub_root), folder) for folder in _GRUB_FOLDERS]
        elif config.grub_path:
            places = [self._devices.file(config.grub_path, Place())]
        else:
            wanted = config.grub_autodetect
            if wanted is False or (wanted is None and config.targets):
                return None
            found = self._devices.holding(_GRUB_FOLDERS)
            places = [found] if found else []
        for place, folder in places:
            menu = self._grub_menu(config, place, folder)
            if menu is not None:
                return place, menu
        if config.grub_root or config.grub_path:
            wrong = places[0][0].wrong if places else ""
            text = wrong or f"no menu of GRUB in {config.grub_path or config.grub_root}"
            self._reading.complain(self._reading.source, 0, text)
        return None

    def _grub_menu(self, config: Config, place: Place, folder: str) -> Menu | None:
        root = self._root(place)
        if root is None:
            return None
        view = known.seen_from(self._disks, place.device or self._disks.here)
        if not config.old and self._reading.holds(f"{folder}/grub.cfg", root):
            from kxsh.menus.search import reader_of

            reader = reader_of("grub2")
            if reader is not None:
                return reader.read(root, f"{folder}/grub.cfg", view)
        if self._reading.holds(f"{folder}/menu.lst", root):
            from kxsh.menus import grub_legacy

            path = f"{folder}/menu.lst"
            return grub_legacy.read(root, path, disks=view, mapped=config.grub_map)
        return None

    def _root(self, place: Place) -> Root | None:
        if place.wrong:
            return None
        return place.root if place.root is not None or place.device else self._reading.root

    def _add_grub(self, place: Place, menu: Menu, default: str) -> str:
        """Add GRUB's entries; return the default, which GRUB's is when there is no other."""

        def put(path: str) -> str:
            own = path.startswith("/") and not elsewhere(path)
            return self._devices.spell(place, path) if own else path

        for entry in menu.entries:
            own = replace(entry.on(put), id=f"grub {entry.id}", source=put(entry.source))
            found = self._reading.add(own)
            if entry.default and not default:
                default = found
        for problem in menu.problems:
            self._reading.complain(problem.file, problem.line, problem.message)
        return default

    # -- kernel modules

    def _modules(self, config: Config) -> None:
        """Tell the modules: those in /modules, options of its modules.conf, `kmod` lines."""
        modules: dict[str, str] = {}
        for name in self._names("/modules"):
            lower = name.lower()
            if lower.endswith(".ko"):
                add_module(modules, name, "")
            elif lower.endswith(_ARCHIVES):
                message = f"/modules/{name}: not unpacked, its modules are for another kernel"
                self._reading.complain(self._reading.source, 0, message)
        self._options(modules)
        for name, arguments in config.modules.items():
            add_module(modules, name, arguments)
        for name, arguments in modules.items():
            self._reading.facts[f"module.{name}"] = arguments

    def _options(self, modules: dict[str, str]) -> None:
        path = "/modules/modules.conf"
        if not self._reading.holds(path):
            return
        for line, text in enumerate(self._reading.text(path).split("\n"), 1):
            word, value = cut(text)
            if not word or word.startswith("#"):
                continue
            name, arguments = cut(value)
            if word != "options":
                self._reading.complain(path, line, f"{word[:40]}: no directive, options is")
            elif not arguments:
                self._reading.complain(path, line, "options needs a module and its arguments")
            else:
                add_module(modules, name, arguments)

    def _names(self, folder: str) -> list[str]:
        try:
            return self._reading.root.list(folder)[: limits.LOOKUPS]
        except Failure:
            return []


def _timeout(config: Config, grub: Menu | None) -> float | None:
    """Return the wait in seconds: the own one, else GRUB's, else for ever."""
    if config.timeout is None:
        return grub.timeout if grub is not None else None
    return None if config.timeout < 0 else float(config.timeout)
