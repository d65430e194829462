"""What a loader is made of: every file, where it came from, and its sha256."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kxsh.image import tools


@dataclass(frozen=True, slots=True)
class Content:
    """A file of the initramfs: `path` without a leading slash, and its bytes.

    `source` is the file it was read from; empty when kximage wrote it. `package` is the
    Debian package or Python distribution with its version; empty when unknown.
    """

    path: str
    data: bytes
    source: str = ""
    package: str = ""
    executable: bool = False


def with_debian_packages(contents: Sequence[Content]) -> list[Content]:
    """Return `contents` with the Debian package of every source that has none yet.

    Without dpkg (another distribution) they are returned as they are.
    """
    if tools.which("dpkg-query") is None:
        return list(contents)
    asked = {c.source for c in contents if c.source and not c.package}
    owners = debian_packages(asked)
    return [
        c if c.package or c.source not in owners else replace(c, package=owners[c.source])
        for c in contents
    ]


def debian_packages(paths: Iterable[str]) -> dict[str, str]:
    """Return ``path -> "package version"`` for the paths that a Debian package owns."""
    # /lib is a link to /usr/lib on Debian, and dpkg knows each file by one of the two.
    spellings = {name: path for path in sorted(paths) for name in _spellings(path)}
    if not spellings:
        return {}
    found = tools.run(["dpkg-query", "-S", *spellings], ok=(0, 1)).decode("utf-8", "replace")
    owners: dict[str, str] = {}
    for line in found.splitlines():
        owner, separator, name = line.partition(": ")
        if separator and name in spellings and not owner.startswith("diversion "):
            owners[spellings[name]] = owner.split(",")[0].split(":")[0]
    versions = _versions(sorted(set(owners.values())))
    return {path: f"{owner} {versions.get(owner, '')}".strip() for path, owner in owners.items()}


def _spellings(path: str) -> tuple[str, str]:
    return path, path.removeprefix("/usr") if path.startswith("/usr/") else f"/usr{path}"


def _versions(packages: Sequence[str]) -> dict[str, str]:
    if not packages:
        return {}
    listing = tools.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], ok=(0, 1))
    return dict(re.findall(r"^(\S+) (\S+)$", listing.decode("utf-8", "replace"), re.MULTILINE))


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def as_lines(contents: Iterable[Content]) -> str:
    """Return the short form that the initramfs carries: ``sha256  path  package``."""
    ordered = sorted(contents, key=lambda content: content.path)
    return "".join(f"{sha256(c.data)}  {c.path}  {c.package or c.source}\n" for c in ordered)


def as_json(contents: Iterable[Content], loader: Iterable[Content], facts: dict[str, str]) -> str:
    """Return the long form: the loader's parts and the initramfs's files, sorted."""
    record = {
        **facts,
        "sections": [_record(content) for content in loader],
        "files": [_record(content) for content in sorted(contents, key=lambda c: c.path)],
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _record(content: Content) -> dict[str, str | int]:
    return {
        "path": content.path,
        "size": len(content.data),
        "sha256": sha256(content.data),
        "source": content.source,
        "package": content.package,
    }
