"""Compiles Python sources to the same bytes every time; run as a script.

Started by `python_runtime` in a fresh interpreter: which strings happen to be shared in
a running one shows in the marshalled code, so two builds would differ. Standard input:
JSON list of [source file, name in tracebacks, optimisation]. Standard output: for
each, its length (4 bytes, little endian) and the .pyc (PEP 552, unchecked hash).
"""

from __future__ import annotations

import importlib.util
import json
import marshal
import sys

_UNCHECKED_HASH = (1).to_bytes(4, "little")


def main() -> None:
    """Compile what standard input lists."""
    for file, name, optimize in json.load(sys.stdin):
        with open(file, "rb") as stream:
            source = stream.read()
        code = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
        header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
        pyc = header + marshal.dumps(code)
        sys.stdout.buffer.write(len(pyc).to_bytes(4, "little") + pyc)


if __name__ == "__main__":
    main()
