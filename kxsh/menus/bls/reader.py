"""From entry files to a menu: systemd-boot's, or any that follows the specification."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu, Write
from kxsh.errors import Failure
from kxsh.machine.protocol import FileFacts, Root
from kxsh.menus import limits, paths
from kxsh.menus.bls import loader_conf, order, snippet
from kxsh.menus.bls.images import image_entries, read_image
from kxsh.menus.bls.loader_conf import LoaderConf
from kxsh.menus.bls.order import Found
from kxsh.menus.bls.snippet import Snippet
from kxsh.menus.reading import Reading
from kxsh.record import replace

# The EFI specification's name of this machine's architecture.
ARCHITECTURE = "x64"
# Other systems that systemd-boot finds by itself: id, title, program.
_AUTOMATIC = (
    ("auto-osx", "macOS", "/System/Library/CoreServices/boot.efi"),
    ("auto-windows", "Windows Boot Manager", "/EFI/Microsoft/Boot/bootmgfw.efi"),
    ("auto-efi-shell", "EFI Shell", "/shellx64.efi"),
)
_KINDS = ("linux", "efi", "uki", "uki-url")


class Reader(Reading):
    """Reads one menu. `base` is the folder that holds ``loader``: usually the root."""

    any_case = True

    def __init__(self, root: Root, base: str) -> None:
        super().__init__(root, "bls", base or "/")
        self._base = base.rstrip("/")

    # -- what to read

    def conf(self, path: str) -> LoaderConf:
        """Read loader.conf; where there is none, the defaults hold."""
        try:
            facts = self._look(path)
            if facts is None or facts.kind != "file":
                return LoaderConf()
            conf = loader_conf.parse(snippet.decode(self.root.read(path)))
        except Failure as failure:
            self.complain(path, 0, failure.message)
            return LoaderConf()
        for line, message in conf.problems:
            self.complain(path, line, message)
        self.facts.update(dict(conf.others))
        return conf

    def read_entries(self, snippets: list[Snippet]) -> list[Found]:
        """Return what the entry files stand for, without those that make no sense."""
        return [found for one in snippets if (found := self._entry(one))]

    def images(self) -> list[Found]:
        """Return the entries of the unified kernel images beside ``loader``."""
        folder = self.folder(paths.join(self._base or "/", "EFI/Linux"))
        return image_entries(self.root, folder, self.complain)

    def automatic(self) -> list[Entry]:
        """Return the entries of other systems that systemd-boot adds; kexec starts none."""
        return [
            Entry(name, title, path, not_bootable="an EFI program: start it from the firmware")
            for name, title, path in _AUTOMATIC
            if (facts := self._look(path)) and facts.kind == "file"
        ]

    def listed(self, variant: str, path: str, conf: LoaderConf, found: list[Found]) -> Menu:
        """Return the sorted menu with its default, and titles that tell entries apart."""
        ordered = order.distinct(order.ordered(found))
        entries = [one.entry for one in ordered]
        if conf.auto_entries and path.lower().endswith("loader.conf"):
            entries += self.automatic()
        for one in ordered:
            if one.tries.left >= 0:
                tries = f"{one.tries.left} attempts left, {one.tries.done} failed"
                self.facts[f"tries.{one.entry.id}"] = tries
        ids = [entry.id for entry in entries]
        chosen = (loader_conf.choose(pattern, ids) for pattern in conf.defaults)
        default = next(filter(None, chosen), "")
        if conf.defaults and not default and conf.defaults[-1].lower() != "@saved":
            self.complain(path, 0, f"default {conf.defaults[-1]}: no entry fits")
        visible = next((one.entry.id for one in ordered if not one.entry.hidden), "")
        default = default or visible
        marked = tuple(replace(entry, default=entry.id == default) for entry in entries)
        menu = Menu(
            variant, path, marked, default, conf.timeout, "", tuple(self.problems), self.facts
        )
        return replace(menu, writes=tuple(Write(name, b"") for name in conf.used))

    # -- one entry

    def _entry(self, one: Snippet) -> Found | None:
        kinds = [key for key in _KINDS if one.value(key)]
        if len(kinds) != 1:
            what = f"both {kinds[0]} and {kinds[1]}" if kinds else "neither linux nor efi"
            self.complain(one.path, 0, f"left out: it has {what}")
            return None
        kind = kinds[0]
        name, tries = snippet.split_tries(one.name)
        kernel = "" if kind == "uki-url" else self.path(one.value(kind), one.path)
        initrds = self._initrds(one) if kind == "linux" else []
        options, obstacle = one.options, _obstacle(kind, one)
        if kind in ("uki", "efi"):
            options, obstacle = self._image(one, kernel, obstacle)
        architecture = one.value("architecture")
        foreign = bool(architecture) and architecture.lower() != ARCHITECTURE
        if foreign:
            obstacle = f"for {architecture} machines, this is {ARCHITECTURE}"
        entry = Entry(
            name,
            one.value("title") or name,
            kernel,
            tuple(initrds),
            options,
            handover="" if obstacle else _handover(options, initrds),
            dtb=self.path(one.value("devicetree"), one.path),
            not_bootable=obstacle,
            source=one.path,
            hidden=foreign,
        )
        self._note_rest(one, name)
        key = (one.value("sort-key"), one.value("machine-id"), one.value("version"))
        return Found(entry, key, tries, name)

    def _image(self, one: Snippet, path: str, obstacle: str) -> tuple[str, str]:
        """Return (options, obstacle) of an entry that names an EFI program: it may be an
        image, and then the options that are built in count where the entry has none."""
        facts = self._look(path)
        image = None
        if facts is not None and facts.kind == "file":
            image = read_image(self.root, path, self.complain)
        if image is None:
            return one.options, obstacle or "not a unified kernel image"
        wanted = one.value("profile") or "0"
        number = int(wanted) if wanted in map(str, range(len(image.profiles))) else -1
        if number < 0:
            return one.options, f"the image has no profile {wanted}"
        return image.cmdline(number, one.options), image.profiles[number].obstacle

    def _initrds(self, one: Snippet) -> list[str]:
        """Return the initrds; a line is one path, unless there are only its words."""
        found: list[str] = []
        for value in one.values("initrd"):
            words = value.split()
            whole = len(words) < 2 or self._look(self._place(value)) is not None
            for word in [value] if whole else words:
                if word.startswith("$"):
                    self.complain(one.path, 0, f"initrd {word}: a variable of GRUB's, left out")
                elif len(found) < limits.INITRDS:
                    found.append(self.path(word, one.path))
        return [path for path in found if path]

    def _note_rest(self, one: Snippet, name: str) -> None:
        for key in ("devicetree-overlay", "extra"):
            if one.value(key):
                self.facts[f"{key}.{name}"] = " ".join(one.values(key))
                self.complain(one.path, 0, f"{key} is not passed on to the kernel")

    # -- files

    def path(self, value: str, source: str) -> str:
        """Return a file's path as the disk spells it; a missing one is a problem."""
        if not value:
            return ""
        path = self._place(value)
        facts = self._look(path)
        if facts is not None and facts.kind == "file":
            return paths.spelled(path, facts)
        self.complain(source, 0, f"no file {path}")
        return path

    def _place(self, value: str) -> str:
        """Return where a path of an entry lies: seen from the filesystem's root, or, in a
        tree that has the partition in a folder, from the folder that stands for it."""
        path = paths.join("/", value.replace("\\", "/"))
        inside = paths.join(self._base or "/", value.replace("\\", "/").lstrip("/"))
        if inside != path and self._look(path) is None and self._look(inside) is not None:
            return inside
        return path

    def _look(self, path: str) -> FileFacts | None:
        return self.find(path, path, 0)

    def folder(self, path: str) -> str:
        """Return a folder's path as the disk spells it, the path itself where there is none."""
        facts = self._look(path)
        return paths.spelled(path, facts) if facts else path


def _obstacle(kind: str, one: Snippet) -> str:
    if kind == "efi":
        return "an EFI program: start it from the firmware"
    if kind == "uki-url":
        return f"comes from the network: {one.value('uki-url')}"
    return ""


def _handover(options: str, initrds: list[str]) -> str:
    """Return the command line as systemd-boot gives it: it names the initrds in front."""
    words = ["initrd=" + path.replace("/", "\\") for path in initrds]
    return " ".join([*words, options] if options else words)
