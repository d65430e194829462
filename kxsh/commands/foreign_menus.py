"""A run of GRUB's `menuentry` as a menu of kxs: whole, so that it boots, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh.commands.foreign_fixes import searched
from kxsh.errors import Edit, Fix
from kxsh.record import record, replace
from kxsh.source import Source, Span

_HEAD = re.compile(
    r"""menuentry[ \t]+("[^"$`\n]*"|'[^'\n]*'|[\w.-]+)(?=[ \t{])"""
    r"""((?:[^\n{"']|"[^"\n]*"|'[^'\n]*')*)\{"""
)
_BETWEEN = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_LINE = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|\$\{\w+\}|[^\n;"'{}#]|(?<=\S)#)+""")
_WORD = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"'])+""")
# The first disk of the firmware is the one that was booted.
_PARTITION = re.compile(r"""["'(]*hd0,(?:msdos|gpt)?(\d+)["')]*""")
_FILE = re.compile(r"(?:\(hd0,(?:msdos|gpt)?(\d+)\)|(\(\$\{?root\}?\))|)(/[\w./@:+-]+)")
_SAID = re.compile(r"""'[^']*'|"[^"$`\\]*"|[\w.,:/-]+""")
_PLAIN = re.compile(r"[\w./:=,@+%~-]+")
_SETTING = re.compile(r"set[ \t]+(timeout|default)=[\"']?([\w-]*)[\"']?[ \t]*(?:\n|$)")
_SILENT = frozenset(
    "insmod load_video gfxmode terminal_output terminal_input loadfont savedefault recordfail "
    "set_background play".split()
)


@record
class _Entry:
    """One entry as kxs writes it; `above` are the lines between the one before and it."""

    id: str
    title: str
    options: str
    body: tuple[str, ...]
    above: tuple[str, ...] = ()


def fixes_of_entries(source: Source, starts: Sequence[int]) -> dict[int, Fix]:
    """Return the fixes of the runs of entries that the `menuentry` at these offsets, in
    their order, stand in: each entry has its run's.

    A run has none where a line of it has no counterpart, or nothing says where the files
    of an entry are.
    """
    found: dict[int, Fix] = {}
    end, fix, first = -1, None, True
    for start in starts:
        if start >= end:
            entries, end = _entries(source.text, start)
            fix = _fix(source, start, end, entries, settings=first) if entries else None
            first = False
        if fix is not None:
            found[start] = fix
    return found


def _fix(source: Source, start: int, end: int, entries: list[_Entry], *, settings: bool) -> Fix:
    options, edits = _settings(source, start, entries) if settings else ("", [])
    lines = [f'menu "Boot"{options} {{']
    for entry in entries:
        lines += [f"  {line}" if line else "" for line in entry.above]
        lines.append(f'  entry {entry.id} "{entry.title}"{entry.options} {{')
        lines += [f"    {line}" for line in entry.body]
        lines.append("  }")
    lines.append("}")
    edit = Edit(Span(source, start, end), "\n".join(lines))
    return Fix("write it as a menu of kxs", (*edits, edit), safe=False)


def _entries(text: str, start: int) -> tuple[list[_Entry], int]:
    """Return the entries of the run that begins at an offset, and where it ends; none where
    one of them has no counterpart."""
    found: list[_Entry] = []
    end = at = start
    taken: set[str] = set()
    known = text[start - 1 : start] in ("", "\n")
    while head := _HEAD.match(text, at):
        above = [line.strip() for line in text[end:at].split("\n")[1:-1]]
        end, lines = _body(text, head.end())
        if end < 0:
            return [], head.end()
        made = _entry(head, lines, taken)
        if made is None:
            known = False
        else:
            found.append(replace(made, above=tuple(above)))
        after = _BETWEEN.match(text, end)
        at = after.end() if after else len(text)
    return found if known else [], max(end, start + 1)


def _entry(head: re.Match[str], lines: list[list[str]], taken: set[str]) -> _Entry | None:
    """Return the entry of a head and its body's lines."""
    title = head.group(1).strip("\"'")
    words = _WORD.findall(head.group(2))
    body = _translated(lines)
    if '"' in title or "\\" in title or "--users" in words or body is None:
        return None
    id, options = _options(words)
    id = re.sub(r"[^a-z0-9]+", "-", (id or title).lower()).strip("-")[:20].strip("-") or "entry"
    if id[0].isdigit():
        id = f"entry-{id}"
    unique, number = id, 2
    while unique in taken:
        unique, number = f"{id}-{number}", number + 1
    taken.add(unique)
    return _Entry(unique, title.replace("$", "\\$"), options, tuple(body))


def _options(words: list[str]) -> tuple[str, str]:
    """Return the id of `--id`, and `--hotkey` as kxs writes it."""
    id, options = "", ""
    for at, word in enumerate(words):
        name, joined, value = word.partition("=")
        value = value if joined else words[at + 1] if at + 1 < len(words) else ""
        if name == "--id" or word == "$menuentry_id_option":
            id = value.strip("\"'")
        elif name == "--hotkey" and len(value) == 1 and value.isalnum():
            options = f" --key {value}"
    return id, options


def _body(text: str, start: int) -> tuple[int, list[list[str]]]:
    """Return where a body ends, behind its brace, and its lines as words; -1: inside of it
    stand braces, or it has no end."""
    lines: list[list[str]] = []
    at = start
    while at < len(text):
        if text[at] in " \t\n;":
            at += 1
        elif text[at] == "#":
            end = text.find("\n", at)
            end = end if end >= 0 else len(text)
            lines.append([text[at:end].rstrip()])
            at = end
        elif text[at] == "}":
            return at + 1, lines
        else:
            line = _LINE.match(text, at)
            if line is None:
                break
            lines.append(_WORD.findall(line.group()))
            at = line.end()
    return -1, lines


def _translated(lines: list[list[str]]) -> list[str] | None:
    """Return an entry's statements in kxs."""
    root = loaded = ""
    made: list[str] = []
    for name, *words in lines:
        if name.startswith("#"):
            made.append(name)
        elif name == "set" and words[:1] and words[0].startswith("root="):
            found = _PARTITION.fullmatch(words[0][5:])
            root = f"part ${{esp.disk}} {found.group(1)}" if found else ""
            if not found or loaded:
                return None
        elif name == "search":
            name, root = searched(words)
            if not root or name != "root" or loaded:
                return None
        elif name.startswith("linux") and not loaded:
            kernel = _file(words[:1], root)
            if kernel is None or not all(map(_PLAIN.fullmatch, words[1:])):
                return None
            root, loaded = kernel
            made += [f"let root = mount {_argument(root)}", f"load {loaded}"]
            made += [f'  --cmdline "{" ".join(words[1:])}"'] if words[1:] else []
        elif name.startswith("initrd") and loaded and words:
            for word in words:
                file = _file([word], root)
                if file is None or file[0] != root:
                    return None
                made.append(f"  --initrd {file[1]}")
        elif name == "boot":
            break
        elif name == "echo" and not loaded and all(map(_SAID.fullmatch, words)):
            made.append(f"say {' '.join(words)}")
        elif name not in _SILENT and not (name == "set" and words[:1] == ["gfxpayload=keep"]):
            return None
    return [*made, "exec"] if loaded else None


def _file(words: list[str], root: str) -> tuple[str, str] | None:
    """Return the device that a file of GRUB lies on, and the file on its mount."""
    found = _FILE.fullmatch(words[0]) if words else None
    if found is None:
        return None
    device = f"part ${{esp.disk}} {found.group(1)}" if found.group(1) else root
    return (device, f"$root{found.group(3)}") if device else None


def _argument(device: str) -> str:
    return f"({device})" if " " in device else device


def _settings(source: Source, before: int, entries: list[_Entry]) -> tuple[str, list[Edit]]:
    """Return `set timeout=` and `set default=` above the entries as options of the menu,
    and the edits that take them out."""
    options: dict[str, str] = {}
    edits: list[Edit] = []
    at = 0
    while at < before:
        end = source.text.find("\n", at) + 1 or len(source.text)
        found = _SETTING.match(source.text, at)
        if found:
            name, value = found.groups()
            written = _setting(name, value, entries)
            if written is not None:
                options[name] = written
                edits.append(Edit(Span(source, at, end), ""))
        at = end
    return "".join(options[name] for name in ("timeout", "default") if name in options), edits


def _setting(name: str, value: str, entries: list[_Entry]) -> str | None:
    if name == "timeout":
        return f" --timeout {value}s" if value.isdecimal() else "" if value == "-1" else None
    if value.isdecimal() and int(value) < len(entries):
        return f" --default {entries[int(value)].id}"
    ids = [entry.id for entry in entries if value in (entry.id, entry.title)]
    return f" --default {ids[0]}" if ids else None
