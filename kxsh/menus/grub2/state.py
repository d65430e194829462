"""What a script builds up: menu items, and the kernel that it has loaded."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.menus.grub2.devices import Volume
from kxsh.menus.grub2.environment import Environment
from kxsh.menus.grub2.tree import Block
from kxsh.record import record

Place = tuple[Volume | None, str]


@record
class Item:
    """A line of a menu as `menuentry` made it. `users` None: free for everyone. `outer`
    are the arguments of the function that made it."""

    title: str
    id: str
    body: Block | str
    arguments: tuple[str, ...]
    file: str
    line: int
    submenu: bool = False
    users: str | None = None
    hotkey: str = ""
    classes: tuple[str, ...] = ()
    outer: tuple[str, ...] = ()


class Loaded:
    """A kernel with all that was loaded for it.

    `command` is what loaded it, `words` its name as written and its arguments; other
    files are (volume, path) pairs, modules with their arguments behind that.
    """

    __slots__ = ("command", "dtb", "initrds", "kernel", "modules", "words")

    def __init__(self, command: str, kernel: Place, words: Sequence[str]) -> None:
        self.command = command
        self.kernel = kernel
        self.words = tuple(words)
        self.initrds: list[Place] = []
        self.modules: list[tuple[Place, tuple[str, ...]]] = []
        self.dtb: Place | None = None

    @property
    def is_linux(self) -> bool:
        return self.command.startswith("linux")

    @property
    def is_multiboot(self) -> bool:
        return self.command.startswith(("multiboot", "xen_"))


class Leave(Exception):
    """The script starts something or ends GRUB: nothing after it runs. `why` says what it
    does (``boot``: it starts what is loaded)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Shown(Exception):
    """A menu of its own is shown at this point (`configfile`), and nothing after it runs."""

    def __init__(self, items: list[Item], environment: Environment, file: str) -> None:
        super().__init__(file)
        self.items = items
        self.environment = environment
        self.file = file
