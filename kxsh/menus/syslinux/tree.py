"""What a configuration says, before any of it is resolved: labels in menus."""

from __future__ import annotations

from kxsh.menus.syslinux import lexer
from kxsh.record import fresh, mutable


@mutable
class Label:
    """One LABEL and what stands under it, as written.

    `name` is the rest of the LABEL line, `word` its first word: what DEFAULT and
    the prompt call it. `kind` is the keyword that named the file (``kernel``,
    ``linux``, ``com32``...), `kernel` the rest of that line. `append` None: the
    global APPEND counts. `hotkey` is the character behind ``^`` in its title. `password`
    None: it starts without one; empty: the menu's master password is asked for.
    """

    name: str
    word: str
    file: str
    line: int
    kind: str = "kernel"
    kernel: str = ""
    append: str | None = None
    initrd: str = ""
    title: str = ""
    hotkey: str = ""
    help: list[str] = fresh(default_factory=list)
    hidden: bool = False
    disabled: bool = False
    action: str = ""
    fdt: str = ""
    fdtdir: str = ""
    password: str | None = None


@mutable
class Submenu:
    """A menu: the root one, or what stands between MENU BEGIN and MENU END."""

    tag: str = ""
    title: str = ""
    name: str = ""
    parent: Submenu | None = None
    items: list[Label | Submenu] = fresh(default_factory=list)
    default: Label | Submenu | None = None

    @property
    def shown(self) -> str:
        return self.name or self.title or self.tag


@mutable
class Config:
    """One configuration with its included files, read into a tree.

    Times are tenths of a second as written, 0 for none. `default` and `ui` are the
    last DEFAULT and UI lines, `append` the global APPEND where reading ended, `master` the
    password that opens every entry.
    """

    menu: Submenu = fresh(default_factory=Submenu)
    start: Submenu | None = None
    default: str = ""
    ui: str = ""
    append: str = ""
    timeout: int = 0
    total_timeout: int = 0
    on_timeout: str = ""
    prompt: bool = False
    labels: list[Label] = fresh(default_factory=list)
    facts: dict[str, str] = fresh(default_factory=dict)
    master: str = ""
    whole_names: bool = False
    _words: dict[str, Label] = fresh(default_factory=dict)
    _names: dict[str, Label] = fresh(default_factory=dict)

    def label(self, command: str) -> Label | None:
        """Return the label a command line names; case counts, the first one wins.

        SYSLINUX knows a label by its first word; U-Boot, which reads EXTLINUX's
        files, by the whole line (`whole_names`).
        """
        name = command.strip(lexer.BLANKS)
        if name and self.whole_names and name in self._names:
            return self._names[name]
        word = lexer.cut(command)[0]
        return self._words.get(word) if word else None

    def add(self, label: Label) -> None:
        """Take in a label that ended."""
        self.labels.append(label)
        self._words.setdefault(label.word, label)
        self._names.setdefault(label.name, label)
