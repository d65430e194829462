"""The boot.kxs that is put into an image: the user's, checked, or one that suits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kxsh.boot.entry import Menu
from kxsh.checker import check_source
from kxsh.diagnostics import render, render_error
from kxsh.errors import Failure, KxshError
from kxsh.image.layout import Layout
from kxsh.image.tools import ImageError
from kxsh.interpreter.imports import importer
from kxsh.machine.given_file import open_given
from kxsh.machine.root import DirectoryRoot
from kxsh.source import Source
from kxsh.syntax.decode import decode_source
from kxsh.syntax.parser import parse_script
from kxsh.syntax.saved import dump_tree
from kxsh.text import display, duration

_LARGEST = 1 << 20
_CLUSTER = 4096
_NOT_ON_FAT = frozenset('\\:*?"<>|')
_MOST_OTHERS = 20
# The formats whose menus `isolinux-entry` and `isolinux-entries` read: those of BIOS images.
_ISOLINUX_FAMILY = ("isolinux", "syslinux", "extlinux", "pxelinux")
# Other formats that have commands of their own; `loader-entries` reads the rest.
_COMMANDS = {"grub2": "grub", "bls": "bls", **dict.fromkeys(_ISOLINUX_FAMILY, "isolinux")}
_HEAD = """\
kxs 1
# boot.kxs: what the UEFI loader beside this file (BOOTX64.EFI) runs. Edit it freely;
# check it with `kxsh --check boot.kxs`. An error at boot leads to a prompt that explains
# it, with these same commands.
"""
_AT_ONCE = """\
# It starts its default at once, and so does this. `{reader}` gives all entries,
# for a `menu` of them: see `help menu`.
"""
_PROMPT_ONLY = f"""\
{_HEAD}
# No boot menu that kxsh can read was found in the image. A script that boots a kernel
# by its path looks like this:
#   let image = mount (part ${{esp.disk}} 1)
#   load $image/boot/vmlinuz --initrd $image/boot/initrd.img --cmdline "quiet"
#   exec
recovery "no boot menu was found in this image when it was adapted"
"""


@dataclass(frozen=True, slots=True)
class FoundMenu:
    """A menu and the partition that it will be on (0: the whole disk)."""

    menu: Menu
    partition: int

    def __str__(self) -> str:
        return f"{display(self.menu.source)} on partition {self.partition}"


@dataclass(frozen=True, slots=True)
class Script:
    """boot.kxs and the files it imports, by their path beside it; `origin` says in words
    where they come from, `warnings` is what the checker found, rendered."""

    data: bytes
    origin: str
    imports: Mapping[str, bytes] = field(default_factory=dict)
    warnings: str = ""

    def tree(self) -> bytes:
        """Return the script's saved tree, which spares the target the parsing."""
        return dump_tree(parse_script(decode_source("boot.kxs", self.data)))

    @property
    def size(self) -> int:
        return (
            len(self.data)
            + len(self.tree())
            + _CLUSTER
            + sum(len(data) + _CLUSTER for data in self.imports.values())
        )


def read_script(path: Path, image: Path | None = None) -> Script:
    """Return the user's script and what it imports from its folder.

    What it names is looked for in the `image`; what is wrong there is a warning, since
    a script may be meant for more disks. Raises FaultyScript with the findings if the
    script or an import has errors of its own.
    """
    data = _read(path)
    try:
        source = decode_source(str(path), data)
    except KxshError as error:
        raise FaultyScript(str(path), render_error(error)) from error
    imports = _Imports(path.absolute().parent)
    warnings = check(source, imports.find)
    if image is not None:
        warnings = _check_against(source, imports.find, image)
    return Script(data, display(str(path)), imports.files, warnings)


def _read(path: Path) -> bytes:
    try:
        with open_given(path) as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ImageError(f"cannot read {display(str(path))}: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise ImageError(f"{display(str(path))} is too large for a script")
    return data


class _Imports:
    """Finds imports as the target will, and keeps the bytes of those beside the script."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, bytes] = {}
        self._root = DirectoryRoot(str(folder))
        self._find = importer(self._root, "/")

    def find(self, path: str) -> Source:
        source = self._find(path)
        if path.endswith(".kxs"):
            parts = [part for part in path.split("/") if part not in ("", ".")]
            if ".." in parts or any(set(part) & _NOT_ON_FAT for part in parts):
                raise ImageError(
                    f"the import {display(path)} cannot be put beside boot.kxs",
                    hint="import files of the script's own folder, with plain names",
                )
            self.files["/".join(parts)] = self._root.read(path)
        return source


def _check_against(source: Source, find: Callable[[str], Source], image: Path) -> str:
    """Return what the checker finds of a sound script with the image before it, rendered."""
    from kxsh.image.facts import ImageFacts

    try:
        with ImageFacts([str(image)]) as facts:
            findings = check_source(source, find_import=find, facts=facts)
            notes = "".join(f"note: {display(note)}\n" for note in facts.notes)
    except Failure as failure:
        return f"note: the script was not checked against the image: {failure.message}\n"
    return "".join(render(finding) for finding in findings) + notes


def check(source: Source, find_import: Callable[[str], Source] | None = None) -> str:
    """Return the checker's warnings, rendered; raise FaultyScript when there are errors."""
    findings = check_source(source, find_import=find_import)
    rendered = "".join(render(finding) for finding in findings)
    if any(finding.severity == "error" for finding in findings):
        raise FaultyScript(source.name, rendered)
    return rendered


class FaultyScript(ImageError):
    """A script that the checker refuses; `findings` is the rendered text."""

    def __init__(self, name: str, findings: str) -> None:
        super().__init__(
            f"{display(name)} has errors; nothing was written",
            hint=f"correct them and check again: kxsh --check {display(name)}",
        )
        self.findings = findings


def suit(image: Layout) -> Script:
    """Return a script that boots what the image's own loader boots.

    Without a menu that can be read the script says so and opens the prompt.
    """
    found = [item for item in find_menus(image) if item.menu.format]
    bootable = sorted(filter(_can_boot, found), key=_preference)
    chosen = bootable[0] if bootable else None
    if chosen is None:
        script = Script(_PROMPT_ONLY.encode(), "no boot menu was found: it opens the prompt")
    else:
        text = _boot_menu(chosen) + _mention_others(chosen, found)
        script = Script(text.encode(), f"written to suit {chosen}")
    check(Source("boot.kxs", script.data.decode()))
    return script


def _can_boot(found: FoundMenu) -> bool:
    return any(not entry.not_bootable for entry in found.menu.entries)


def _preference(found: FoundMenu) -> tuple[bool, bool]:
    """Sort the menus of BIOS images first, since UEFI may have one of its own there."""
    menu = found.menu
    return menu.format not in _ISOLINUX_FAMILY, not menu.in_charge


def find_menus(image: Layout) -> list[FoundMenu]:
    """Return the menus in the image, the one that its own loader would show first."""
    from kxsh.machine.image import ImageMachine, ImageSpec
    from kxsh.menus.search import read_machine_menus

    with ImageMachine([ImageSpec(image.path)]) as machine:
        menus = read_machine_menus(machine)
    found = [FoundMenu(menu, device.number or image.iso_number) for device, menu in menus]
    # A whole disk cannot be mounted while one of its partitions is.
    return sorted(found, key=lambda item: not item.partition)


def _boot_menu(found: FoundMenu) -> str:
    menu, config = found.menu, _word(found.menu.source)
    where = f"(part ${{esp.disk}} {found.partition})" if found.partition else "${esp.disk}"
    start = f"{_HEAD}\n# BIOS boot shows the menu of {display(menu.source)}.\n"
    if menu.format == "bls":
        start = f"{_HEAD}\n# systemd-boot's menu is that of {display(menu.source)}.\n"
    start += f"let image = mount {where}\n"
    family = _COMMANDS.get(menu.format)
    reader = f"{family}-entries" if family else "loader-entries"
    options = "" if family else f" --format {menu.format}"
    default = menu.default_entry
    starts = default is not None and not default.not_bootable
    at_once = len(menu.entries) > 1 and starts and menu.timeout == 0
    all_entries = f"let all = {reader} {config}{options}\n"
    if menu.guarded:
        all_entries += "lock password --menu $all  # the superusers of this menu\n"
    if len(menu.entries) == 1 or at_once:
        start += _AT_ONCE.format(reader=reader) if at_once else ""
        first = "${all.default}" if starts else "${all.entries[0]}"
        if family and not menu.guarded:
            return f"{start}load ({family}-entry {config})\nexec\n"
        return f"{start}{all_entries}load {first}\nexec\n"
    # A default that kexec cannot start (the local disk) waits for a person instead.
    shown = " --default ${all.default}" if starts else ""
    shown += f" --timeout {duration(menu.timeout)}" if starts and menu.timeout else ""
    return (
        f"{start}{all_entries}"
        f"menu {_quoted(menu.title or 'Boot menu')}{shown} {{\n"
        "  for e in $all {\n"
        "    entry ${e.id} ${e.full_title} --boots $e --unless ${e.reason} { load $e; exec }\n"
        "  }\n"
        '  entry recovery-prompt "Recovery prompt" { recovery "chosen in the menu" }\n'
        "}\n"
    )


def _mention_others(chosen: FoundMenu, found: list[FoundMenu]) -> str:
    others = [item for item in found if item is not chosen][:_MOST_OTHERS]
    return "".join(f"# Not used: {item}\n" for item in others)


def _word(path: str) -> str:
    """Return ``$image/path`` as one word, quoted where the path needs it."""
    plain = path.isascii() and all(c.isalnum() or c in "/._-+" for c in path)
    rest = "/" + path.lstrip("/")
    return f"$image{rest}" if plain else f'"$image{_escaped(rest)}"'


def _quoted(text: str) -> str:
    return f'"{_escaped(display(text, 60))}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
