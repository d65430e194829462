"""States: small maps that outlive a boot, as JSON files on the loader's partition.

A file is replaced so that one of three is always whole (`Machine.replace_file`): the one
of its name, the copy that was being written, the one before. Reading takes the first.
"""

from __future__ import annotations

from kxsh.errors import Failure, FormatFailure, NotFound
from kxsh.machine.protocol import NEW, OLD, Root
from kxsh.text import KIB, display
from kxsh.units import Duration, Size

# From the top of the partition: the booted system need not know where the script lies.
FOLDER = "/kxsh/state"
SUFFIX = ".json"
SIZE_LIMIT = 64 * KIB
DEPTH_LIMIT = 8
_NAME_LIMIT = 32
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_INTEGER_LIMIT = 2**63


class State:
    """A map that `save` writes: `data` by key, kept in `path` on `device` (a device's path;
    empty: the machine's own files)."""

    __slots__ = ("data", "device", "name", "path")

    def __init__(self, name: str, data: dict[str, object], device: str, path: str) -> None:
        self.name = name
        self.data = data
        self.device = device
        self.path = path


def is_name(name: str) -> bool:
    """Tell whether a state can have this name: it becomes a file's, on FAT too."""
    return 0 < len(name) <= _NAME_LIMIT and _NAME.issuperset(name) and name[0] not in "-_"


def file_of(name: str) -> str:
    """Return the path of a state's file on the loader's partition."""
    return f"{FOLDER}/{name}{SUFFIX}"


def read_state(root: Root, path: str) -> tuple[dict[str, object], str]:
    """Return what the file at `path` or its copies hold, and what is wrong with the file
    (empty: nothing). `NotFound` where there is none of them."""
    first: Failure | None = None
    for place in (path, path + NEW, path + OLD):
        try:
            data = parse_state(root.read(place, SIZE_LIMIT), place)
        except NotFound:
            continue
        except Failure as error:
            first = first or error
            continue
        problem = "" if place == path else f"{display(place)} was taken instead"
        if problem and first:
            problem = f"{first.message}; {problem}"
        return data, problem
    raise first or NotFound(f"there is no state file {display(path)}")


def parse_state(data: bytes, path: str) -> dict[str, object]:
    """Return the map in a state file's bytes; `FormatFailure` where that is none."""
    import json

    shown = display(path)
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatFailure(f"{shown} is not a whole state file: {display(str(error))}") from error
    if not isinstance(value, dict):
        raise FormatFailure(f"{shown} is not a state file: it holds no map")
    fault = _fault(value, "", DEPTH_LIMIT)
    if fault:
        raise FormatFailure(f"{shown}: {fault}")
    return value


def format_state(data: dict[str, object]) -> bytes:
    """Return a state file's bytes; `FormatFailure` for what a state cannot hold."""
    import json

    fault = _fault(data, "", DEPTH_LIMIT)
    if fault:
        raise FormatFailure(
            fault,
            hint="a state holds strings, whole numbers, true, false, null, lists and maps",
        )
    text = json.dumps(data, indent=2).encode() + b"\n"
    if len(text) > SIZE_LIMIT:
        raise FormatFailure(f"the state is larger than {SIZE_LIMIT // KIB} KiB")
    return text


def _fault(value: object, key: str, depth: int) -> str:
    """Return why a state cannot hold a value, or nothing."""
    shown = f"`{display(key)}`" if key else "the state"
    if depth == 0:
        return f"{shown} is nested too deeply"
    if isinstance(value, dict):
        pairs = [(f"{key}.{name}" if key else str(name), item) for name, item in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{key}[{place}]", item) for place, item in enumerate(value)]
    elif isinstance(value, Size | Duration):
        kind = "size" if isinstance(value, Size) else "duration"
        return f"{shown} is a {kind}, which a state cannot hold"
    elif isinstance(value, int):
        return "" if abs(value) < _INTEGER_LIMIT else f"{shown} is too large"
    elif value is None or isinstance(value, str):
        return ""
    else:
        return f"{shown} is something that a state cannot hold"
    return next((fault for name, item in pairs if (fault := _fault(item, name, depth - 1))), "")
