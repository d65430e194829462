"""Boots whose files the script names, or a menu of the image: are they what they should be?

Needs facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry, Menu, elsewhere
from kxsh.boot.kernel import KernelFacts
from kxsh.boot.plan import cmdline_limit
from kxsh.checker.cmdline import HOLE, LIMIT, Line
from kxsh.checker.constants import EntryOf, MenuOf, Text, place_of
from kxsh.checker.contents import check_files
from kxsh.checker.world import Place, check_there, locate, resolve
from kxsh.source import Span
from kxsh.text import display, nearest

if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call
    from kxsh.checker.facts import Facts

# Entries of one menu that are looked at.
_MOST_ENTRIES = 64
_LABELS = ("live:LABEL=", "live:CDLABEL=", "CDLABEL=", "hd:LABEL=")
_LABEL_KEYS = frozenset(("archisolabel", "misolabel", "cdlabel", "CDLABEL"))


def check_boot(call: Call, facts: Facts) -> None:
    """Check the files of a `load`, `plan` or `boot`, and a live system's label: KX415."""
    given = call.argument("cmdline")
    line = Line(call, given.value) if given and isinstance(given.value, Text) else None
    if line is not None:
        for label in live_labels(line.sketch):
            if HOLE not in label:
                _check_live_label(call, facts, label, line.text.place(label), "")
    kernel = call.argument("kernel")
    if kernel is None or call.handled:
        return
    if isinstance(kernel.value, EntryOf):
        _check_entries(call, kernel, kernel.value, facts)
        return
    places = [locate(call, argument, facts) for argument in call.given.get("initrd", ())]
    initrds = [place for place in places if place is not None]
    sketch = line.sketch if line is not None else ""
    known = check_files(locate(call, kernel, facts), initrds, sketch, facts)
    if known is not None and line is not None:
        _check_limit(line, known)


def _check_limit(line: Line, kernel: KernelFacts) -> None:
    length, limit = Cmdline(line.sketch).byte_length, cmdline_limit(kernel)
    if limit < length <= LIMIT:
        line.report("KX407", f"this command line has {length} bytes, the kernel takes {limit}", "")


# -- entries of a menu


def _check_entries(call: Call, kernel: Argument, wanted: EntryOf, facts: Facts) -> None:
    """Check the files of the entries that a call may boot, as their own menu names them."""
    if not isinstance(wanted.menu, MenuOf) or not isinstance(wanted.menu.file, Text):
        return
    place = _menu_place(call, kernel, wanted.menu.file, facts)
    if place is None or place.stat() is None:
        return
    from importlib import import_module

    read: Callable[..., Menu] = import_module(f"kxsh.menus.{wanted.menu.reader}").read
    menu = read(place.root, place.path)
    for entry in _entries(place, menu, wanted):
        _check_entry(place, entry, facts, "cmdline" in call.given)


def _menu_place(call: Call, kernel: Argument, file: Text, facts: Facts) -> Place | None:
    found = place_of(file)
    devices = resolve(facts, found[0]) if found is not None else None
    if found is None or devices is None or len(devices) != 1:
        return None
    root = facts.root(devices[0])
    return Place(call, kernel.span, devices[0], root, found[1]) if root is not None else None


def _entries(place: Place, menu: Menu, wanted: EntryOf) -> list[Entry]:
    if wanted.any:
        return [entry for entry in menu.entries[:_MOST_ENTRIES] if not entry.not_bootable]
    if wanted.label is None:
        return [menu.default_entry] if menu.default_entry else []
    entry = menu.entry(wanted.label)
    if entry is None:
        labels = [item.id for item in menu.entries]
        near = nearest(wanted.label, labels)
        help = f"did you mean {near}?" if near else f"its labels: {', '.join(labels[:12])}"
        message = f"{display(place.path)} has no label {display(wanted.label)}"
        place.call.walker.report.add("KX507", message, place.span, display(help))
        return []
    return [entry]


def _check_entry(place: Place, entry: Entry, facts: Facts, own_cmdline: bool) -> None:
    what = f"entry {display(entry.id)}: "
    if entry.not_bootable or elsewhere(entry.kernel):
        return
    kernel = place.beside(entry.kernel)
    initrds = [place.beside(path) for path in entry.initrds if not elsewhere(path)]
    there = [item for item in (kernel, *initrds) if check_there(item, facts, what=what)]
    sound = kernel if kernel in there else None
    cmdline = "" if own_cmdline else entry.cmdline
    check_files(sound, [item for item in initrds if item in there], cmdline, facts, what)
    for label in live_labels(cmdline):
        _check_live_label(place.call, facts, label, place.span, what)


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
    help = f"did you mean {display(near)}?" if near else f"its labels: {', '.join(sorted(known))}"
    call.walker.report.add(
        "KX415",
        f"{what}the live system looks for a medium with the label {display(wanted)}: there is none",
        span,
        display(help),
    )
