"""`kxsh --lsp`: the language server, on standard input and output."""

from __future__ import annotations

import sys

_MISSING = """\
kxsh: the language server needs pygls, which is not installed here
  try: pip install pygls, or in kxsh's checkout: pip install '.[lsp]'
"""


def serve() -> int:
    """Serve an editor until it says goodbye; return the exit code."""
    try:
        from kxsh.lsp.server import build_server
    except ImportError as error:
        # A loader has no kxsh.lsp.
        if not (error.name or "").startswith(
            ("pygls", "lsprotocol", "cattrs", "attrs", "kxsh.lsp")
        ):
            raise
        print(_MISSING, file=sys.stderr, end="")
        return 2
    build_server().start_io()
    return 0
