"""Readers: one per boot loader, each a pure function from a root to a menu."""
