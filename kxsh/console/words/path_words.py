"""What lies on disks as words: paths, and entries of boot menus."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.boot.entry import Menu
from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.console.prompt.grub_names import spelled
from kxsh.console.words import device_words
from kxsh.console.words.places import Places
from kxsh.console.words.quoting import expanded, quoted, unquoted
from kxsh.interpreter.scope import Scope
from kxsh.machine.protocol import Root
from kxsh.text import size
from kxsh.values import TAGS

# Entries of one menu that are offered among others.
_ENTRIES = 100
_GIVE_ENTRY = {
    **dict.fromkeys(("isolinux", "syslinux", "extlinux"), "isolinux-entry"),
    "grub2": "grub-entry",
    "bls": "bls-entry",
}
# Whose menu a command reads, whatever the file is called; others go by its name.
_FORMATS = {
    **dict.fromkeys(("isolinux-entry", "grep-cmdline-from-isolinux"), "isolinux"),
    "grub-entry": "grub2",
    "bls-entry": "bls",
}


def paths(position: Position, places: Places, scope: Scope) -> Iterator[Candidate]:
    """Yield what a path's next part could be; a device to start from where there is none.

    ``LABEL=X:/bo`` looks into a filesystem that need not be mounted.
    """
    directory, slash, typed = position.word.rpartition("/")
    if not slash:
        tag, equals, _ = position.word.partition("=")
        if not position.word or (equals and tag in TAGS) or any(begins(t, tag) for t in TAGS):
            yield from device_words.specs(position, places, ":/")
        return
    where = expanded(directory, scope)
    if where is None:
        return
    if where == "/dev":
        yield from device_words.specs(position, places, ":/")
    start = position.start + len(directory) + 1
    for facts in places.listing(where + "/"):
        text = quoted(facts.path)
        if text is None or not begins(facts.path, unquoted(typed)):
            continue
        if facts.kind == "directory":
            yield Candidate(text + "/", start, facts.path + "/", "")
        else:
            yield Candidate(text + " ", start, facts.path, size(facts.size))


def labels(position: Position, call: Call, places: Places, scope: Scope) -> Iterator[Candidate]:
    """Yield the entries of the menu file that the call names first, of any boot loader."""
    words = [word for word in call.arguments if not word.startswith("-")]
    path = expanded(words[0], scope) if words else None
    form = _FORMATS.get(call.name, "")
    menu = places.read(path, lambda root, inside: _menu(root, inside, form), None) if path else None
    typed = unquoted(position.word)
    for entry in menu.entries if menu else ():
        text = quoted(entry.id)
        if text and (begins(entry.id, typed) or begins(entry.title, typed)):
            note = f"({entry.not_bootable})" if entry.not_bootable else entry.title
            yield Candidate(text + " ", position.start, entry.id, note)


def _menu(root: Root, path: str, form: str) -> Menu | None:
    from kxsh.menus.search import reader_for, reader_of

    reader = reader_of(form) if form else reader_for(path)
    return reader.read(root, path) if reader else None


def entries(position: Position, places: Places) -> Iterator[Candidate]:
    """Yield the entries of all disks' menus as calls that give them, those whose title or
    label begins like the word."""
    typed = unquoted(position.word)
    for device, menu in places.menus():
        command = _GIVE_ENTRY.get(menu.format)
        file = quoted(menu.source)
        if command is None or file is None:
            continue
        where = spelled(device, places.devices())
        for entry in menu.entries[:_ENTRIES]:
            id = quoted(entry.id)
            if (
                id
                and not entry.not_bootable
                and any(begins(x, typed) for x in (entry.title, entry.id))
            ):
                text = f"({command} {where}:{file} {id}) "
                yield Candidate(
                    text, position.start, entry.title or entry.id, f"{menu.format} on {where}"
                )
