"""A parsed and checked script as a file beside it, so that a boot need not parse it.

Parsing costs the emulated target a good part of a second. `kximage adapt`
writes ``boot.kxs.parsed`` after its check; the target uses it only when the text in it
is, to the letter, the text of the script: an edited script is parsed again.
The form is one token a line, in the order of the tree: no parser of anybody's is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh import __version__
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.units import Duration, Size

SUFFIX = ".parsed"
# A tree is some ten times its script; a script's own limit is 1 MiB.
SIZE_LIMIT = 16 * 1024 * 1024


def dump_tree(script: ast.Script) -> bytes:
    """Return a script's tree, and the text that it stands for, as a file's contents."""
    lines = [_FORMAT, _quote(script.span.source.text), *_pack(script)]
    return "\n".join(lines).encode() + b"\n"


def load_tree(source: Source, data: bytes) -> ast.Script | None:
    """Return the tree in `data` where it is one of exactly this source, else None."""
    try:
        lines = data.decode().split("\n")
        if lines[0] != _FORMAT or lines[1] != _quote(source.text):
            return None
        tree = _Unpacker(source, lines[2:]).value()
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None
    return tree if isinstance(tree, ast.Script) else None


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _unquote(line: str) -> str:
    parts = line.split("\\\\")
    return "\\".join(part.replace("\\n", "\n") for part in parts)


def _pack(value: object) -> Iterator[str]:
    """Yield a value's lines: a tag, then what it holds; a node's or tuple's parts follow."""
    if isinstance(value, ast.Node):
        yield f"( {type(value).__name__} {value.span.start} {value.span.end}"
        for name in value.__slots__:
            yield from _pack(getattr(value, name))
    elif isinstance(value, tuple):
        yield f"t {len(value)}"
        for item in value:
            yield from _pack(item)
    elif isinstance(value, Span):
        yield f"@ {value.start} {value.end}"
    elif isinstance(value, str):
        yield f"s {_quote(value)}"
    else:
        yield f"{_TAGS[type(value)]} {_number(value)}"


def _number(value: object) -> str:
    return repr(float(value)) if isinstance(value, Duration) else _plain(value)


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, int) else "-"


_TAGS: dict[type, str] = {bool: "b", int: "i", Duration: "d", Size: "z", type(None): "n"}


class _Unpacker:
    """Reads values from lines; anything odd is a ValueError, KeyError or their like."""

    def __init__(self, source: Source, lines: list[str]) -> None:
        self._source = source
        self._lines = lines
        self._at = 0

    def value(self) -> object:
        """Return the value whose lines come next."""
        tag, _, rest = self._lines[self._at].partition(" ")
        self._at += 1
        if tag == "(":
            return self._node(*rest.split(" "))
        if tag == "t":
            return tuple([self.value() for _ in range(int(rest))])
        if tag == "@":
            return self._span(*rest.split(" "))
        return _READ[tag](rest)

    def _node(self, name: str, start: str, end: str) -> ast.Node:
        kind = _NODES[name]
        fields = [self.value() for _ in kind.__slots__]
        return kind(self._span(start, end), *fields)

    def _span(self, start: str, end: str) -> Span:
        first, last = int(start), int(end)
        if not 0 <= first <= last <= len(self._source.text) + 1:
            raise ValueError("a place outside of the text")
        return Span(self._source, first, last)


_READ: dict[str, Callable[[str], object]] = {
    "s": _unquote,
    "b": lambda text: text == "1",
    "i": int,
    "d": lambda text: Duration(text),
    "z": lambda text: Size(text),
    "n": lambda text: None,
}
_NODES: dict[str, type[ast.Node]] = {
    kind.__name__: kind
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.Node) and kind is not ast.Node
}

# The first line: a tree of other classes, or checked by another version, is none of ours.
_FORMAT = f"kxs tree {__version__} " + " ".join(
    f"{name}({','.join(kind.__slots__)})" for name, kind in sorted(_NODES.items())
)
