"""GRUB 2's menus: the configuration is a script, and it is run.

Sources: the GRUB manual 2.06, GRUB's own source as named in each module, and
grub-emu as the judge (tests/menus/test_grub2_judge.py). Nothing is written, loaded or
started: what the script would save is returned as data.
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.errors import Failure
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.reading import Reading
from kxsh.record import replace

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.menus.grub2.interpreter import Interpreter
    from kxsh.menus.grub2.listing import Listing

_FACTS = ("timeout_style", "fallback")


def read(
    root: Root,
    path: str,
    *,
    variant: str = "",
    disks: Disks = ALONE,
    variables: dict[str, str] | None = None,
) -> Menu:
    """Return the menu of the configuration file `path`; never raises.

    `disks` are the other filesystems that its `search` looks through. `variables` are
    set and exported before the script runs (``iso_path`` for a loopback.cfg).
    """
    from kxsh.menus.grub2.environment import initial
    from kxsh.menus.grub2.interpreter import Interpreter
    from kxsh.menus.grub2.listing import Listing, timeout_of
    from kxsh.menus.grub2.users import names
    from kxsh.menus.grub2.world import World

    path = paths.join("/", path)
    reading = Reading(root, variant or "grub2", path)
    world = World(reading, disks)
    own = world.devices.own.name
    environment = initial(own, f"({own}){paths.parent(path)}", _platform(root, path))
    for name, given in (variables or {}).items():
        environment.set(name, given)
        environment.export(name)
    script = Interpreter(world, environment)
    script.file = path
    listing = Listing(world, reading)
    started = _run(script, listing, reading, path)
    environment = script.environment
    listing.written = script.writes
    nodes = [] if started else listing.nodes(script.items, environment, script.functions)
    default = started or listing.default(nodes, environment)
    facts = {name: value for name in _FACTS if (value := environment.get(name))}
    menu = reading.menu(
        default.id if default else "",
        0.0 if started else timeout_of(environment),
        facts=facts,
    )
    superusers = environment.get("superusers")
    return replace(
        menu,
        writes=listing.writes(script),
        guarded=superusers is not None,
        superusers=names(superusers or ""),
        passwords=script.passwords,
    )


def _run(script: Interpreter, listing: Listing, reading: Reading, path: str) -> Entry | None:
    """Run the configuration file; return the entry that it starts without a menu, or None."""
    from kxsh.menus.grub2.files import run_file
    from kxsh.menus.grub2.state import Leave, Shown
    from kxsh.menus.grub2.world import Exhausted

    try:
        run_file(script, path)
    except Leave as leave:
        if leave.why == "boot":
            return listing.started(script, paths.parent(path))
        script.complain(f"GRUB would show no menu: {leave.why}")
    except Shown as shown:
        script.items = shown.items
        script.switch(shown.environment)
        reading.facts["menu"] = shown.file
    except Exhausted as error:
        script.complain(f"not read to its end: {error.reason}")
    return None


def _platform(root: Root, path: str) -> str:
    """Return what GRUB this configuration is for: ``pc`` where only BIOS modules lie
    beside it, else ``efi``, which is what this machine would start."""
    if path.lower().startswith("/efi/"):
        return "efi"
    folder = paths.parent(path)
    try:
        pc, efi = (root.stat(f"{folder}/{name}") for name in ("i386-pc", "x86_64-efi"))
    except Failure:
        return "efi"
    return "pc" if pc and not efi else "efi"
