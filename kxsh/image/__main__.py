"""``python -m kxsh.image``: the same as the command `kximage`."""

from __future__ import annotations

from kxsh.image.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
