"""The prompt on this very machine, as a program to be run on a pty by the tests."""

from __future__ import annotations

from kxsh.cli import main

if __name__ == "__main__":
    raise SystemExit(main([]))
