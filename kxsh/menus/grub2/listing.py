"""From menu items to entries: each body is run in a copy of the variables, as if its
item were chosen (grub-core/normal/menu.c)."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.boot.entry import Entry, Write
from kxsh.menus import limits
from kxsh.menus.grub2.environment import Environment
from kxsh.menus.grub2.handover import join, quote
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BLANKS, unsigned
from kxsh.menus.grub2.state import Item, Leave, Loaded, Place, Shown
from kxsh.menus.grub2.tree import Statement
from kxsh.menus.grub2.users import OPEN, Guard
from kxsh.menus.grub2.world import Exhausted, World
from kxsh.menus.reading import Reading
from kxsh.text import display

Functions = dict[str, list[Statement]]
_NOTHING: dict[tuple[str, str], bytes] = {}


class Node:
    """An item with its entry, or with the items of the menu that it opens, and what
    decides in that menu (`default`). `guard` says who may choose it, `loaded` what it
    loads."""

    __slots__ = ("children", "default", "entry", "guard", "item", "loaded")

    def __init__(self, item: Item, guard: Guard) -> None:
        self.item = item
        self.guard = guard
        self.loaded: Loaded | None = None
        self.entry: Entry | None = None
        self.children: list[Node] = []
        self.default = ""


class Listing:
    """Runs items and collects their entries in `reading`."""

    def __init__(self, world: World, reading: Reading) -> None:
        self._world = world
        self._reading = reading
        # What was written before the menu came: a body's writes build on that.
        self.written: dict[tuple[str, str], bytes] = {}
        self._shown: list[str] = []
        self._full = False

    def nodes(
        self,
        items: list[Item],
        environment: Environment,
        functions: Functions,
        parents: tuple[Item, ...] = (),
        guard: Guard = OPEN,
    ) -> list[Node]:
        """Return the items of one menu, run one by one; `guard` is what it lies behind."""
        found = []
        for item in items:
            if self._full:
                break
            node = Node(item, guard.inside(environment, item))
            found.append(node)
            script = self.prepare(item, environment, functions, parents)
            self._run(script, node, parents)
        return found

    def started(self, script: Interpreter, title: str) -> Entry:
        """Return the entry of a script that starts a kernel without showing any menu."""
        item = Item(title, title, "", (title,), script.file, script.line, users=None)
        entry = self._entry(script, Node(item, OPEN), (), "")
        self._reading.entries.append(entry)
        return entry

    def prepare(
        self,
        item: Item,
        environment: Environment,
        functions: Functions,
        parents: tuple[Item, ...],
    ) -> Interpreter:
        """Return what runs an item's body: its arguments, `chosen`, variables of its own."""
        values = environment.opened() if item.submenu else environment.copy()
        values.set("chosen", ">".join(_path_part(one) for one in (*parents, item)))
        values.export("chosen")
        values.values["?"] = "0"
        rest = _cut(environment.get("default") or "")[1]
        values.values.pop("default", None)
        if rest:
            values.set("default", rest)
        script = Interpreter(self._world, values, functions, list(item.arguments))
        script.file = item.file
        script.line = item.line
        script.writes = dict(self.written)
        return script

    def _run(self, script: Interpreter, node: Node, parents: tuple[Item, ...]) -> None:
        devices = self._world.devices
        before = devices.loops
        self._run_body(script, node, parents)
        devices.loops = before

    def _run_body(self, script: Interpreter, node: Node, parents: tuple[Item, ...]) -> None:
        item = node.item
        why = ""
        world = self._world
        world.limit = min(world.work + limits.GRUB_BODY, limits.GRUB_WORK)
        try:
            script.run_body(item)
            if script.loaded is None and not script.items:
                _run_as_petitboot(script, item)
        except Leave as leave:
            why = leave.why
        except Shown as shown:
            self._open(shown, script, node, parents)
            return
        except Exhausted as error:
            why = error.reason
            world.complain(item.file, item.line, f"{display(item.title, 60)}: {why}")
            self._full = world.work > limits.GRUB_WORK or "too" not in why
        if item.submenu and script.items:
            node.default = script.environment.get("default") or ""
            self._descend(script.items, script.environment, script.functions, node, parents)
            return
        node.entry = self._entry(script, node, parents, why)
        self._reading.entries.append(node.entry)

    def _open(
        self, shown: Shown, script: Interpreter, node: Node, parents: tuple[Item, ...]
    ) -> None:
        """List the menu that an item opens by `configfile`, unless it leads back."""
        if shown.file in self._shown:
            node.entry = self._entry(script, node, parents, f"it opens {shown.file} again")
            self._reading.entries.append(node.entry)
            return
        self._shown.append(shown.file)
        node.default = shown.environment.get("default") or ""
        self._descend(shown.items, shown.environment, script.functions, node, parents)
        self._shown.pop()

    def _descend(
        self,
        items: list[Item],
        environment: Environment,
        functions: Functions,
        node: Node,
        parents: tuple[Item, ...],
    ) -> None:
        if len(parents) >= limits.DEPTH:
            self._world.complain(node.item.file, node.item.line, "too many menus in each other")
            return
        within = (*parents, node.item)
        node.children = self.nodes(items, environment, functions, within, node.guard)

    def _entry(self, script: Interpreter, node: Node, parents: tuple[Item, ...], why: str) -> Entry:
        item = node.item
        node.loaded = script.loaded
        path = ">".join(_path_part(one) for one in (*parents, item))
        loaded = script.loaded
        if loaded is None or (why and why != "boot"):
            started: dict[str, object] = {"not_bootable": why or "it loads no kernel"}
        elif not loaded.is_linux and not loaded.is_multiboot:
            name = display(" ".join(loaded.words), 200)
            started = {"not_bootable": f"{loaded.command} {name}: that is for GRUB only"}
        else:
            started = self._started(loaded)
        return Entry(
            self._reading.unique(path or f"#{len(self._reading.entries)}"),
            item.title,
            source=item.file,
            parents=tuple(parent.title for parent in parents),
            protected=node.guard.asks,
            users=node.guard.users,
            hotkey=item.hotkey,
            writes=self.writes(script, self.written),
            **started,  # type: ignore[arg-type]
        )

    def default(self, nodes: list[Node], environment: Environment) -> Entry | None:
        """Return the entry that starts by itself. Where its kernel is not there, GRUB starts
        the first of `fallback` that can be loaded."""
        chosen = _default_of(nodes, environment.get("default"))
        if chosen is None:
            return None
        fallback = (environment.get("fallback") or "").split()
        if fallback and not self._loads(chosen):
            for word in fallback:
                other = _default_of(nodes, word) if _number(nodes, word) >= 0 else None
                if other is not None and self._loads(other):
                    return other.entry
        return chosen.entry

    def _loads(self, node: Node) -> bool:
        volume, path = node.loaded.kernel if node.loaded else (None, "")
        try:
            return volume is not None and self._world.facts(volume, path) is not None
        except Exhausted:
            return True  # what is not looked for any more is taken to be there

    def _started(self, loaded: Loaded) -> dict[str, object]:
        """Return an entry's fields of the kernel that it starts."""
        cmdline = join(loaded.words[1:])
        image = quote(loaded.words[0]) if loaded.is_linux else ""
        handover = cmdline
        if image:
            handover = f"BOOT_IMAGE={image}" + (f" {cmdline}" if cmdline else "")
        spell = self._world.spell
        places = [loaded.kernel, *loaded.initrds, *(place for place, _ in loaded.modules)]
        if loaded.dtb:
            places.append(loaded.dtb)
        images = list(dict.fromkeys(v.image for v, _ in places if v is not None and v.image))
        fault = next(filter(None, map(_fault, places)), "")
        if len(images) > 1:
            fault = fault or "its files are in more than one image"
        return {
            "kernel": spell(*loaded.kernel),
            "initrds": tuple(spell(*place) for place in loaded.initrds),
            "modules": tuple(
                " ".join(filter(None, (spell(*place), join(words))))
                for place, words in loaded.modules
            ),
            "dtb": spell(*loaded.dtb) if loaded.dtb else "",
            "cmdline": cmdline,
            "boot_image": image,
            "handover": handover,
            "image": images[0] if images else "",
            "not_bootable": fault,
        }

    def writes(
        self, script: Interpreter, before: Mapping[tuple[str, str], bytes] = _NOTHING
    ) -> tuple[Write, ...]:
        """Return the files that a script would have changed since `before`."""
        named = self._world.devices.named
        return tuple(
            Write(self._world.spell(named(name), path), data)
            for (name, path), data in script.writes.items()
            if before.get((name, path)) != data
        )


def _run_as_petitboot(script: Interpreter, item: Item) -> None:
    """Run a body that loads nothing in GRUB, since $2 and the like are its own there, with
    the arguments of the function that made its item, as petitboot does."""
    known = len(item.arguments)
    if len(item.outer) > known:
        script.arguments = [*item.arguments, *item.outer[known:]]
        script.run_body(item)
        if script.loaded is not None:
            script.complain("GRUB would have no argument of the function here, only the entry's")


def _fault(place: Place) -> str:
    """Return why a file cannot be loaded, as far as its name tells (empty: it can be)."""
    volume, path = place
    name = display(path, 200)
    if volume is None:
        return f"{name} is on a device that is not there"
    if not path.startswith("/"):
        return f"{name or 'its kernel'} is no file's name: GRUB wants it from /"
    return ""


def _path_part(item: Item) -> str:
    return item.id.replace(">", ">>")


def _default_of(nodes: list[Node], spec: str | None) -> Node | None:
    """Return the entry that starts by itself: `spec` is GRUB's `default` for this menu, a
    number, an id or a title, with ``>`` before what decides in a submenu. The first item
    counts where it names none."""
    if not nodes:
        return None
    node = nodes[max(_number(nodes, spec or ""), 0)]
    if node.entry is not None:
        return node
    return _default_of(node.children, node.default)


def _number(nodes: list[Node], spec: str) -> int:
    """Return the number of the item that `spec` names, -1 where it names none."""
    first, _ = _cut(spec)
    for number, node in enumerate(nodes):
        if first and first in (node.item.id, node.item.title):
            return number
    value, _, error = unsigned(first.lstrip(BLANKS))
    return value if not error and value < len(nodes) else -1


def _cut(spec: str) -> tuple[str, str]:
    """Cut at the first single ``>``; a doubled one is the character itself."""
    found: list[str] = []
    index = 0
    while index < len(spec):
        if spec.startswith(">>", index):
            index += 1
        elif spec[index] == ">":
            return "".join(found), spec[index + 1 :]
        found.append(spec[index])
        index += 1
    return "".join(found), ""


def timeout_of(environment: Environment) -> float | None:
    """Return `timeout` in seconds; None where it is no number: GRUB waits for a key."""
    value, _, error = unsigned(environment.get("timeout") or "")
    return None if error or value >= 2**31 else float(value)
