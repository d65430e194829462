"""Boots whose files the script names, or a menu of the image: are they what they should be?

Needs facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry, Menu, elsewhere
from kxsh.boot.kernel import KernelFacts
from kxsh.boot.plan import cmdline_limit
from kxsh.checker.cmdline import HOLE, LIMIT, Line
from kxsh.checker.constants import EntryOf, MenuOf, Text, constant, place_of
from kxsh.checker.contents import check_files
from kxsh.checker.world import Place, check_there, locate, resolve
from kxsh.source import Span
from kxsh.text import as_word, display, names_in_a_row, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call
    from kxsh.checker.facts import Facts

_READERS = {
    "isolinux-entry": "syslinux",
    "grep-cmdline-from-isolinux": "syslinux",
    "grub-entry": "grub2",
    "bls-entry": "bls",
}
# Entries of one menu that are looked at.
_MOST_ENTRIES = 64
_LABELS = ("live:LABEL=", "live:CDLABEL=", "CDLABEL=", "hd:LABEL=")
_LABEL_KEYS = frozenset(("archisolabel", "misolabel", "cdlabel", "CDLABEL"))


def check_boot(call: Call, facts: Facts) -> None:
    """Check the files of a `load`, `plan` or `boot`, and a live system's label: KX415."""
    given = call.argument("cmdline")
    line = Line(call, given.value) if given and isinstance(given.value, Text) else None
    if line is not None and "iso" not in call.given:
        for label in live_labels(line.sketch):
            if HOLE not in label:
                _check_live_label(call, facts, label, line.text.place(label), "")
    kernel = call.argument("kernel")
    if kernel is None or call.handled:
        return
    if isinstance(kernel.value, EntryOf):
        _check_entries(call, kernel, kernel.value, facts)
        return
    initrds = _given_initrds(call, facts)
    sketch = line.sketch if line is not None else ""
    known = check_files(locate(call, kernel, facts), initrds, sketch, facts)
    if known is not None and line is not None:
        _check_limit(line, known)


def _check_limit(line: Line, kernel: KernelFacts) -> None:
    length, limit = Cmdline(line.sketch).byte_length, cmdline_limit(kernel)
    if limit < length <= LIMIT:
        line.report("KX407", f"this command line has {length} bytes, the kernel takes {limit}", "")


# -- entries of a menu


def check_choice(call: Call, facts: Facts) -> None:
    """Check that a menu has the entry that is asked for: KX507, KX508."""
    argument = call.argument("file") or call.argument("place")
    reader = _READERS.get(call.command)
    if argument is None or reader is None or call.handled:
        return
    label = call.argument("label") or call.argument("id")
    wanted = constant(label.value) if label is not None else None
    if label is not None and wanted is None:
        return
    place = locate(call, argument, facts)
    menu = _menu(place, reader) if place is not None else None
    if menu is None:
        return
    entry = menu.entry(wanted) if wanted is not None else _default(menu)
    report = call.walker.report
    span = label.span if label is not None else call.node.span
    shown = display(argument.value.sketch("...") if isinstance(argument.value, Text) else "")
    if entry is None:
        help = menu.named_instead(wanted or "", "its entries")
        told = f"no entry {display(wanted)}" if wanted is not None else "no default entry"
        report.add("KX507", f"{shown} has {told}", span, display(help))
    elif entry.not_bootable and call.command != "grep-cmdline-from-isolinux":
        reason = display(entry.not_bootable)
        report.add("KX508", f"entry {display(entry.id)} cannot be started: {reason}", span)


def _default(menu: Menu) -> Entry | None:
    """As the commands: a single entry that can be started is the default, too."""
    able = [entry for entry in menu.entries if not entry.not_bootable]
    return menu.default_entry or (able[0] if len(able) == 1 else None)


def _menu(place: Place, reader: str) -> Menu | None:
    if place.stat() is None:
        return None
    from importlib import import_module

    read: Callable[..., Menu] = import_module(f"kxsh.menus.{reader}").read
    return read(place.root, place.path)


def _check_entries(call: Call, kernel: Argument, wanted: EntryOf, facts: Facts) -> None:
    """Check the files of the entries that a call may boot, as their own menu names them."""
    if not isinstance(wanted.menu, MenuOf) or not isinstance(wanted.menu.file, Text):
        return
    place = _menu_place(call, kernel, wanted.menu.file, facts)
    menu = _menu(place, wanted.menu.reader) if place is not None else None
    if place is None or menu is None:
        return
    for entry in _entries(menu, wanted):
        if not entry.not_bootable and not elsewhere(entry.kernel):
            _check_entry(place, entry, facts)


def _menu_place(call: Call, kernel: Argument, file: Text, facts: Facts) -> Place | None:
    found = place_of(file)
    devices = resolve(facts, found[0]) if found is not None else None
    if found is None or devices is None or len(devices) != 1:
        return None
    root = facts.root(devices[0])
    return Place(call, kernel.span, devices[0], root, found[1]) if root is not None else None


def _entries(menu: Menu, wanted: EntryOf) -> list[Entry]:
    if wanted.any:
        return list(menu.entries[:_MOST_ENTRIES])
    entry = menu.entry(wanted.label) if wanted.label is not None else _default(menu)
    return [entry] if entry is not None else []


def _check_entry(place: Place, entry: Entry, facts: Facts) -> None:
    """Check an entry's files, but for what the call gives instead of its own."""
    call, what = place.call, f"entry {display(entry.id)}: "
    kernel = place.beside(entry.kernel)
    if "initrd" in call.given:
        own = []
        initrds = _given_initrds(call, facts)
    else:
        own = [place.beside(path) for path in entry.initrds if not elsewhere(path)]
        initrds = own
    gone = [item for item in (kernel, *own) if not check_there(item, facts, what=what)]
    cmdline = "" if "cmdline" in call.given else entry.cmdline
    there = [item for item in initrds if item not in gone]
    check_files(None if kernel in gone else kernel, there, cmdline, facts, what)
    if "iso" not in call.given:
        for label in live_labels(cmdline):
            _check_live_label(call, facts, label, place.span, what)


def _given_initrds(call: Call, facts: Facts) -> list[Place]:
    places = [locate(call, argument, facts) for argument in call.given.get("initrd", ())]
    return [place for place in places if place is not None]


# -- live systems


def live_labels(cmdline: str) -> Iterator[str]:
    """Yield the labels by which a live system looks for its medium, as written."""
    for word in Cmdline(cmdline):
        value = word.value or ""
        if word.key in _LABEL_KEYS:
            yield value
        elif word.key in ("root", "inst.stage2", "inst.repo", "stage2", "repo"):
            for begin in _LABELS:
                if value.startswith(begin):
                    yield value.removeprefix(begin).partition(":")[0]
                    break
        elif word.key == "live-media" and value.startswith("/dev/disk/by-label/"):
            yield value.rpartition("/")[2]


def _check_live_label(call: Call, facts: Facts, label: str, span: Span, what: str) -> None:
    """KX415: the label as udev writes it, blanks as \\x20."""
    wanted = label.replace("\\x20", " ").replace("\\x2f", "/")
    known = {device.label for device in facts.devices()} - {""}
    if not facts.devices() or not wanted or wanted in known:
        return
    near = nearest(wanted, known)
    labels = names_in_a_row(sorted(known))
    help = f"did you mean {as_word(near)}?" if near else f"its labels: {labels}"
    call.walker.report.add(
        "KX415",
        f"{what}the live system looks for a medium with the label {display(wanted)}: there is none",
        span,
        display(help),
    )
