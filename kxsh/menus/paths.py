"""File names in configurations: made absolute, then found as the disk spells them."""

from __future__ import annotations

from kxsh.errors import Failure
from kxsh.machine.protocol import FileFacts, Root


def join(directory: str, name: str) -> str:
    """Return the absolute path of `name` seen from `directory`; ``..`` stops at the root."""
    parts: list[str] = []
    for part in (name if name.startswith("/") else f"{directory}/{name}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def is_address(name: str) -> bool:
    """Return whether a name is an address of a server: ``http://host/file``."""
    scheme, mark, _ = name.partition("://")
    return bool(mark) and scheme.replace("+", "").isalnum()


def parent(path: str) -> str:
    """Return the directory that holds `path`."""
    return path.rpartition("/")[0] or "/"


def spelled(path: str, facts: FileFacts) -> str:
    """Return `path` in the disk's spelling; where a link leads elsewhere, the link."""
    found = "/" + facts.path.lstrip("/")
    return found if found.lower() == path.lower() else path


def find(root: Root, path: str, *, any_case: bool) -> FileFacts | None:
    """Return the facts of `path` or None; `any_case` looks past the case of names.

    A root that ignores case does so by itself. This is for the tree of a CD or a
    FAT disk that was copied into a directory: its loader would still find the file.
    Raises only `Failure` (an input/output error, a link loop).
    """
    if "\0" in path or len(path) > 4000:
        return None
    facts = root.stat(path)
    if facts is None and any_case and not root.ignores_case:
        spelled = _spelling(root, path)
        facts = root.stat(spelled) if spelled else None
    return facts


def _spelling(root: Root, path: str) -> str:
    found = ""
    for part in path.strip("/").split("/"):
        try:
            names = root.list(found or "/")
        except Failure:
            return ""
        wanted = part.lower()
        name = part if part in names else next((n for n in names if n.lower() == wanted), "")
        if not name:
            return ""
        found += "/" + name
    return found
