"""A script's bytes to text: UTF-8, as Notepad and other editors save it on an ESP."""

from __future__ import annotations

from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import limits


def decode_source(name: str, data: bytes) -> Source:
    """Return a script's source: UTF-8, a byte order mark and CRLF accepted.

    Raises `ParseError` KX903 at the first byte that is not UTF-8, or that is NUL.
    """
    if len(data) > limits.SIZE:
        span = Span(Source(name, ""), 0, 0)
        raise ParseError("larger than 1 MiB: this is not a boot script", span=span)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(name, "", "saved as UTF-16")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        raise _not_utf8(name, before, f"byte 0x{data[error.start]:02x}") from None
    if "\0" in text:
        raise _not_utf8(name, text[: text.index("\0")], "a NUL byte")
    return Source(name, text.replace("\r\n", "\n"))


def _not_utf8(name: str, before: str, what: str) -> ParseError:
    source = Source(name, before.replace("\r\n", "\n"))
    end = len(source.text)
    return ParseError(
        f"not UTF-8 text: {what}",
        code="KX903",
        span=Span(source, end, end),
        hint="save the file as UTF-8 (in Notepad: Save as, Encoding: UTF-8)",
    )
