"""Scripts back to their files: whole or not at all, with their kind of line ends."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress

_BOM = b"\xef\xbb\xbf"


def encode_like(text: str, data: bytes) -> bytes:
    """Return a script's new text with the byte order mark and the kind of line ends (told
    by the first) of its old contents."""
    first, _, _ = data.partition(b"\n")
    if first.endswith(b"\r"):
        text = text.replace("\n", "\r\n")
    return (_BOM if data.startswith(_BOM) else b"") + text.encode()


def replace_file(name: str, data: bytes) -> None:
    """Write a file whole or not at all; the file that a link leads to, with its rights."""
    path = os.path.realpath(name)
    folder, base = os.path.split(path)
    handle, unfinished = tempfile.mkstemp(prefix=f".{base}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, os.stat(path).st_mode & 0o7777)
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise
