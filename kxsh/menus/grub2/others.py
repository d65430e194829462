"""`syslinux_configfile` and `legacy_configfile`: another loader's menu, shown by GRUB.

GRUB turns such a menu into a script of its own (lib/syslinux_parse.c, lib/legacy_parse.c);
here its own reader reads it, and what it can start becomes menu items.
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.entry import Entry
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, FILE_NOT_FOUND
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.state import Item, Shown
from kxsh.menus.grub2.tree import Block
from kxsh.text import display

Builtin = Callable[[Interpreter, list[str], Block | None], int]

_SYSLINUX = Options("r:root= c:cwd= i:isolinux p:pxelinux s:syslinux", dashes=True)


def _syslinux(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _SYSLINUX.parse(words)
    if parsed is None or not parsed[1]:
        return script.fail(BAD_ARGUMENT, "syslinux_configfile needs a file")
    options, names = parsed
    kinds = [kind for kind in ("isolinux", "pxelinux", "syslinux") if kind in options]
    return _show(script, names[0], kinds[0] if kinds else "syslinux")


def _legacy(script: Interpreter, words: list[str], _: Block | None) -> int:
    if len(words) != 1:
        return script.fail(BAD_ARGUMENT, "legacy_configfile needs one file")
    return _show(script, words[0], "grub-legacy")


def _show(script: Interpreter, name: str, form: str) -> int:
    from kxsh.menus.search import reader_of

    world = script.world
    volume, path = world.split(name, script.root)
    facts = world.look(name, script.root)
    root = world.root(volume) if volume else None
    reader = reader_of(form)
    if root is None or volume is None or facts is None or facts.kind != "file" or not reader:
        return script.fail(FILE_NOT_FOUND, f"cannot read {display(name, 200)}")
    world.spend(1000)
    menu = reader.read(root, facts.path or path)
    for problem in menu.problems:
        world.complain(world.spell(volume, problem.file), problem.line, problem.message)
    items = [
        _item(entry, f"({volume.name})", world.spell(volume, entry.source))
        for entry in menu.entries
        if not entry.not_bootable and not entry.modules
    ]
    world.entries += len(items)
    environment = script.environment.opened()
    ids = [item.id for item in items]
    environment.set("default", menu.default if menu.default in ids else "0")
    if not items:
        return script.fail(BAD_ARGUMENT, f"{display(name, 200)} has nothing that can be started")
    raise Shown(items, environment, name)


def _item(entry: Entry, device: str, source: str) -> Item:
    # GRUB takes the initrd out of the line, where SYSLINUX leaves it.
    arguments = [word for word in entry.cmdline.split() if not word.startswith("initrd=")]
    words = [device + entry.kernel, *arguments]
    body = f"linux {' '.join(map(_quoted, words))}\n"
    if entry.initrds:
        body += f"initrd {' '.join(_quoted(device + path) for path in entry.initrds)}\n"
    return Item(entry.title, entry.id, body, (entry.title,), source, 0, users=None)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


BUILTINS: dict[str, Builtin] = {
    "syslinux_configfile": _syslinux,
    "legacy_configfile": _legacy,
}
