"""Where `import` looks: beside the script for ``"name.kxs"``, else in the library."""

from __future__ import annotations

from collections.abc import Callable

from kxsh import resources
from kxsh.errors import NotFound
from kxsh.machine.protocol import Root
from kxsh.source import Source
from kxsh.syntax.decode import decode_source
from kxsh.text import display, nearest

# Where the sources of the library are, by their names.
LIBRARY = "stdlib/"


def importer(root: Root | None, directory: str) -> Callable[[str], Source]:
    """Return a function from an import's text to its source; it raises `NotFound`.

    `root` and `directory` say where the script lies; no root: only the library.
    """

    def find(path: str) -> Source:
        if not path.endswith(".kxs"):
            return library_source(path)
        if root is None:
            raise NotFound(f"{display(path)}: this script has no folder to import from")
        place = f"{directory.rstrip('/')}/{path}"
        return decode_source(place.lstrip("/"), root.read(place))

    return find


def library_source(name: str) -> Source:
    """Return a library module's source; `NotFound` names the nearest."""
    path = resources.stdlib_path(name)
    if path is None:
        names = resources.stdlib_names()
        near = nearest(name, names)
        raise NotFound(
            f"the library has no module {display(name)}",
            hint=f"did you mean {near}?"
            if near
            else f'it has: {", ".join(names)}; a file: "x.kxs"',
        )
    with open(path, "rb") as file:
        return decode_source(f"{LIBRARY}{name}.kxs", file.read())
