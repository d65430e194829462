"""A parsed and checked script as a file beside it, so that a boot need not parse it.

Importing lark and parsing cost the emulated target almost a second. `kximage adapt`
writes ``boot.kxs.parsed`` after its check; the target uses it only when the text in it
is, to the letter, the text of the script: an edited script is parsed again.
The form is JSON: a node is ``[class, start, end, field...]``, everything else is tagged.
"""

from __future__ import annotations

import json

from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.units import Duration, Size

SUFFIX = ".parsed"
# Changes with the tree's classes and with what the checker guarantees.
_FORMAT = "kxs tree 1"
# A tree is some thirty times its script; a script's own limit is 1 MiB.
SIZE_LIMIT = 8 * 1024 * 1024


def dump_tree(script: ast.Script) -> bytes:
    """Return a script's tree, and the text that it stands for, as a file's contents."""
    saved = {"format": _FORMAT, "text": script.span.source.text, "tree": _pack(script)}
    return json.dumps(saved, separators=(",", ":")).encode()


def load_tree(source: Source, data: bytes) -> ast.Script | None:
    """Return the tree in `data` where it is one of exactly this source, else None."""
    try:
        saved = json.loads(data)
        if saved["format"] != _FORMAT or saved["text"] != source.text:
            return None
        tree = _Unpacker(source).unpack(saved["tree"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    return tree if isinstance(tree, ast.Script) else None


def _pack(value: object) -> object:
    if isinstance(value, ast.Node):
        fields = [_pack(getattr(value, name)) for name in value.__slots__]
        return [type(value).__name__, value.span.start, value.span.end, *fields]
    if isinstance(value, tuple):
        return {"t": [_pack(item) for item in value]}
    if isinstance(value, Span):
        return {"s": [value.start, value.end]}
    if isinstance(value, Duration):
        return {"d": float(value)}
    if isinstance(value, Size):
        return {"b": int(value)}
    return value


class _Unpacker:
    def __init__(self, source: Source) -> None:
        self._source = source

    def unpack(self, value: object) -> object:
        if isinstance(value, list):
            name, start, end, *fields = value
            kind = _NODES[name]
            return kind(self._span(start, end), *[self.unpack(item) for item in fields])
        if isinstance(value, dict):
            ((tag, inner),) = value.items()
            return self._tagged(tag, inner)
        return value

    def _tagged(self, tag: str, inner: object) -> object:
        if tag == "t" and isinstance(inner, list):
            return tuple(self.unpack(item) for item in inner)
        if tag == "s" and isinstance(inner, list):
            return self._span(*inner)
        if tag == "d" and isinstance(inner, float):
            return Duration(inner)
        if tag == "b" and isinstance(inner, int):
            return Size(inner)
        raise ValueError(tag)

    def _span(self, start: object, end: object) -> Span:
        if not (isinstance(start, int) and isinstance(end, int)):
            raise TypeError("a place is two numbers")
        if not 0 <= start <= end <= len(self._source.text) + 1:
            raise ValueError("a place outside of the text")
        return Span(self._source, start, end)


_NODES: dict[str, type[ast.Node]] = {
    kind.__name__: kind
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.Node) and kind is not ast.Node
}
