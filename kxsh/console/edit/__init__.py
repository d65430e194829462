"""Kernel, initrds and command line, word by word: `edit`, and the menu's `e`."""
