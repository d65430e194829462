"""From text to labels: the directives of SYSLINUX 3 to 6, as its own parser takes them.

Included files are read as if they stood in place: label, menu and global APPEND carry
on. A label ends with the next LABEL, MENU BEGIN, MENU END or MENU SEPARATOR; an APPEND
outside of a label is the global one. Unknown directives are passed over, as the loader
does. Sources: the documents syslinux.cfg.txt and menu.txt of SYSLINUX 6.04, and the
behaviour of com32/elflink/ldlinux/readconfig.c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.menus import limits
from kxsh.menus.syslinux import lexer
from kxsh.menus.syslinux.tree import Config, Label, Submenu

KINDS = frozenset(
    ("kernel", "linux", "boot", "bss", "pxe", "fdimage", "comboot", "com32", "config", "localboot")
)
# Kept because they change what the loader adds to the command line or how it waits.
_FACTS = frozenset(("noescape", "allowoptions", "implicit", "totaltimeout", "ontimeout"))

# Reads an included file: (name as written, file, line) -> (its path, its text) or None.
Opener = Callable[[str, str, int], tuple[str, str] | None]
Complain = Callable[[str, int, str], None]


class Parser:
    """Reads files, one after the other, into one `Config`."""

    def __init__(self, opener: Opener, complain: Complain) -> None:
        self.config = Config()
        self._open = opener
        self._complain = complain
        self._menu = self.config.menu
        self._label: Label | None = None
        self._stack: list[str] = []
        self._file = ""
        self._line = 0
        # NERFDEFAULT is for loaders that are a Linux themselves, as u-root and this one.
        self._linuxboot = ""

    def read(self, path: str, text: str) -> None:
        """Take in one file; the label that is open stays open."""
        self._stack.append(path)
        outer = self._file, self._line
        self._file = path
        lines = lexer.lines(text)
        for self._line, line in lines:
            keyword, rest = lexer.cut(line)
            keyword = keyword.lower()
            if keyword == "text":
                self._text(rest, lines)
            elif keyword:
                self._directive(keyword, rest)
        self._file, self._line = outer
        self._stack.pop()

    def finish(self) -> Config:
        """Return the configuration, once every file was read."""
        self._close()
        if self.config.label(self._linuxboot) is not None:
            self.config.default = self._linuxboot
        return self.config

    # -- lines

    def _directive(self, keyword: str, rest: str) -> None:
        config, label = self.config, self._label
        if keyword == "menu":
            self._menu_directive(rest)
        elif keyword == "include":
            self._include(rest)
        elif keyword == "label":
            self._begin(rest)
        elif keyword in KINDS:
            if label:
                label.kind, label.kernel = keyword, rest
        elif keyword == "append":
            self._append(rest)
        elif keyword == "initrd":
            if label:
                label.initrd = rest
        elif keyword in ("fdt", "devicetree", "fdtdir", "devicetreedir"):
            self._devicetree(keyword, rest)
        elif keyword == "default":
            config.default = rest
        elif keyword == "nerfdefault":
            self._linuxboot = rest
        elif keyword == "ui":
            config.ui = rest
        elif keyword == "timeout":
            config.timeout = lexer.number(rest)
        elif keyword == "prompt":
            config.prompt = lexer.number(rest) != 0
        elif keyword in ("ipappend", "sysappend"):
            config.facts["sysappend" + (f".{label.name}" if label else "")] = rest
        self._note(keyword, rest)

    def _note(self, keyword: str, rest: str) -> None:
        if keyword == "totaltimeout":
            self.config.total_timeout = lexer.number(rest)
        elif keyword == "ontimeout":
            self.config.on_timeout = rest
        if keyword in _FACTS:
            self.config.facts[keyword] = rest

    def _append(self, rest: str) -> None:
        if self._label:
            self._label.append = rest
        else:
            self.config.append = rest

    def _devicetree(self, keyword: str, rest: str) -> None:
        if self._label and keyword.endswith("dir"):
            self._label.fdtdir = rest.rstrip(lexer.BLANKS)
        elif self._label:
            self._label.fdt = rest.rstrip(lexer.BLANKS)

    def _text(self, rest: str, lines: Iterator[tuple[int, str]]) -> None:
        kept = lexer.cut(rest)[0].lower() == "help" and self._label is not None
        size = 0
        for _, line in lines:
            if lexer.cut(line)[0].lower() == "endtext":
                return
            size += len(line) + 1
            if kept and self._label and size <= limits.HELP_CHARACTERS:
                self._label.help.append(line.rstrip(lexer.BLANKS))
        self._complain(self._file, self._line, "TEXT without ENDTEXT: the rest of the file is text")

    # -- labels

    def _begin(self, rest: str) -> None:
        self._close()
        word = lexer.cut(rest)[0]
        name = rest.rstrip(lexer.BLANKS)
        self._label = Label(name, word, self._file, self._line, kernel=word)

    def _close(self) -> None:
        label, self._label = self._label, None
        if label is None:
            return
        if len(self.config.labels) >= limits.ENTRIES:
            self._complain(
                label.file, 0, f"more than {limits.ENTRIES} labels: the rest is left out"
            )
            return
        if label.append is None:
            label.append = self.config.append
        self.config.add(label)
        self._menu.items.append(label)

    # -- menus

    def _menu_directive(self, rest: str) -> None:
        keyword, rest = lexer.cut(rest)
        keyword = keyword.lower()
        if keyword == "begin":
            self._enter(rest)
        elif keyword == "end":
            self._leave()
        elif keyword == "include":
            self._include(rest)
        elif keyword == "separator":
            self._close()
        elif keyword == "start":
            self.config.start = self._menu
        elif keyword == "default":
            self._menu_default()
        elif keyword in ("title", "label"):
            self._menu_name(keyword, rest)
        elif keyword == "master":
            keyword, rest = lexer.cut(rest)
            if keyword.lower() == "passwd":
                self.config.master = rest.rstrip(lexer.BLANKS)
        elif keyword == "passwd" and self._label:
            self._label.password = rest.rstrip(lexer.BLANKS)
        elif self._label:
            self._label_menu(keyword, self._label)

    def _menu_name(self, keyword: str, rest: str) -> None:
        name = rest.replace("^", "").strip(lexer.BLANKS)
        if keyword == "title":
            self._menu.title = name
        elif self._label:
            self._label.title = name
            self._label.hotkey = rest.partition("^")[2][:1].strip().lower()
        else:
            self._menu.name = name

    def _menu_default(self) -> None:
        if self._label:
            self._menu.default = self._label
        elif self._menu.parent:
            self._menu.parent.default = self._menu

    def _label_menu(self, keyword: str, label: Label) -> None:
        if keyword == "hide":
            label.hidden = True
        elif keyword in ("disable", "disabled"):
            label.disabled = True
        elif keyword in ("goto", "exit", "quit"):
            label.action = keyword

    def _enter(self, tag: str) -> None:
        self._close()
        depth, menu = 0, self._menu
        while menu.parent:
            depth, menu = depth + 1, menu.parent
        if depth >= 4 * limits.DEPTH:
            self._complain(self._file, self._line, "menus too deep within each other")
            return
        submenu = Submenu(tag=tag.rstrip(lexer.BLANKS), parent=self._menu)
        self._menu.items.append(submenu)
        self._menu = submenu

    def _leave(self) -> None:
        self._close()
        self._menu = self._menu.parent or self._menu

    # -- files

    def _include(self, rest: str) -> None:
        name, tag = lexer.cut(rest)
        if len(self._stack) > limits.DEPTH:
            self._complain(self._file, self._line, f"INCLUDE {name}: files too deep in each other")
            return
        opened = self._open(name, self._file, self._line)
        if opened is None:
            return
        path, text = opened
        if path in self._stack:
            self._complain(self._file, self._line, f"INCLUDE {name}: the file includes itself")
            return
        if tag:
            self._enter(tag)
        self.read(path, text)
        if tag:
            self._leave()
