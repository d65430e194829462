"""`blscfg` of Fedora's GRUB: entry files of the Boot Loader Specification as menu items."""

from __future__ import annotations

from kxsh.machine.protocol import Root
from kxsh.menus import limits
from kxsh.menus.bls.grub import entries_of, grub_snippets
from kxsh.menus.bls.snippet import Snippet
from kxsh.menus.grub2.devices import Volume
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import FILE_NOT_FOUND, NONE
from kxsh.menus.grub2.state import Item
from kxsh.menus.grub2.world import Exhausted

# Where the files are when nothing says it, for a /boot of its own and for one that is not.
_FOLDERS = ("/loader/entries", "/boot/loader/entries")


def add_entries(script: Interpreter, words: list[str]) -> int:
    """Add the entries of the folder that `blsdir` names, else of the usual ones."""
    wanted = [word for word in words if word.startswith(("/", "("))]
    wanted = wanted or [name for name in (script.environment.get("blsdir"),) if name]
    for name in wanted or _FOLDERS:
        volume, path = script.world.split(name, script.root)
        facts = script.world.look(name, script.root)
        root = script.world.root(volume) if volume else None
        if root is None or volume is None or facts is None or facts.kind != "directory":
            continue
        entries = entries_of(_snippets(script, root, volume, path), script.environment.values)
        prefix = f"({volume.name})"
        for entry in entries:
            script.world.entries += 1
            script.world.spend(4)
            if script.world.entries > limits.GRUB_ENTRIES:
                raise Exhausted(f"more than {limits.GRUB_ENTRIES} menu entries")
            body = f"linux {prefix}{entry.kernel} {entry.cmdline}\n"
            if entry.initrds:
                body += f"initrd {' '.join(prefix + path for path in entry.initrds)}\n"
            if entry.dtb:
                body += f"devicetree {prefix}{entry.dtb}\n"
            users = ",".join(entry.users) if entry.protected else None
            script.items.append(
                Item(
                    entry.title,
                    entry.id,
                    body,
                    (entry.title,),
                    script.world.spell(volume, entry.source),
                    0,
                    users=users,
                )
            )
        return NONE
    return script.fail(FILE_NOT_FOUND, "blscfg: there is no folder of entries")


def _snippets(script: Interpreter, root: Root, volume: Volume, path: str) -> list[Snippet]:
    """Return a folder's entry files; each folder is read once."""
    world = script.world
    known = world.snippets
    key = (volume.key, path)
    if key not in known:
        known[key] = grub_snippets(
            root,
            path,
            lambda file, line, what: world.complain(world.spell(volume, file), line, what),
        )
    return known[key]
