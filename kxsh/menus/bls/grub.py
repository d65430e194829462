"""What GRUB's blscfg makes of entry files: its own order, and its variables in their values.

Source: the behaviour of the blscfg module of Fedora's GRUB. It compares the files' names
as packages' (name-version-release, the newest first), and puts variables into values; one
that is not set leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kxsh.boot.entry import Entry, Problem
from kxsh.machine.protocol import Root
from kxsh.menus.bls.folder import Complain, read_folder
from kxsh.menus.bls.snippet import Snippet
from kxsh.menus.bls.versions import key_package

_EXPANDED = 65536


def grub_snippets(root: Root, folder: str, complain: Complain) -> list[Snippet]:
    """Return the entry files of a folder in GRUB's order, without those it takes for the
    same version as another, or that start no Linux; never raises."""
    found = [one for one in read_folder(root, folder, complain) if one.value("linux")]
    found.sort(key=lambda one: key_package(_stem(one)), reverse=True)
    result: list[Snippet] = []
    last = None
    for one in found:
        key = key_package(_stem(one))
        if key == last:
            complain(one.path, 0, f"left out: the same version as {result[-1].name}")
        else:
            result.append(one)
        last = key
    return result


def grub_entries(
    root: Root, folder: str, variables: Mapping[str, str]
) -> tuple[list[Entry], list[Problem]]:
    """Return the entries of a folder as blscfg lists them, with `variables` put in.

    Ids are the files' names without ``.conf``. Kernel, initrds and `early_initrd`'s files
    are as the files name them, from the root; no BOOT_IMAGE= is added. Never raises.
    """
    problems: list[Problem] = []
    snippets = grub_snippets(
        root, folder, lambda file, line, message: problems.append(Problem(file, line, message))
    )
    return entries_of(snippets, variables), problems


def entries_of(snippets: Sequence[Snippet], variables: Mapping[str, str]) -> list[Entry]:
    """Return the entries of files that were read, with `variables` put in."""
    return [_entry(one, variables) for one in snippets]


def _entry(one: Snippet, variables: Mapping[str, str]) -> Entry:
    def put(text: str) -> str:
        return expand(text, variables)

    kernel = put(one.value("linux")).strip()
    initrds = [word for value in one.values("initrd") for word in put(value).split()]
    early = variables.get("early_initrd", "").split()
    if early:
        beside = (initrds[0] if initrds else kernel).rpartition("/")[0]
        initrds = [f"{beside}/{name}" for name in early] + initrds
    options = put(one.options) if one.values("options") else put("$default_kernelopts")
    users = put(one.value("grub_users")).strip().strip("\"'")
    return Entry(
        _stem(one),
        put(one.value("title")) or kernel,
        _absolute(kernel),
        tuple(_absolute(path) for path in initrds),
        " ".join(options.split()),
        dtb=_absolute(put(one.value("devicetree")).strip()),
        source=one.path,
        protected=bool(users),
        users=tuple(users.split()),
    )


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return the text with each ``$name`` and ``${name}`` replaced; unset ones are empty.

    What would grow beyond `_EXPANDED` characters ends there.
    """
    parts = text.split("$")
    result = [parts[0]]
    length = 0
    for part in parts[1:]:
        if part.startswith("{") and "}" in part:
            name, _, rest = part[1:].partition("}")
        else:
            end = next((i for i, c in enumerate(part) if not (c.isalnum() or c == "_")), len(part))
            name, rest = part[:end], part[end:]
        value = variables.get(name, "")
        length += len(value)
        if length > _EXPANDED:
            break
        result += [value, rest]
    return "".join(result)


def _stem(one: Snippet) -> str:
    return one.name[: -len(".conf")]


def _absolute(path: str) -> str:
    return "/" + path.lstrip("/") if path else ""
