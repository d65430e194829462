"""How much of a configuration is read before it is called hostile: one table.

Real menus stay far below (the largest of 149 collected ones has 55 files and 260
entries); the limits keep a reader's time and memory bounded whatever a disk holds.
"""

from __future__ import annotations

from kxsh.text import MIB

FILES = 128  # configuration files of one menu, included ones counted each time
DEPTH = 8  # files or submenus within each other
TOTAL_BYTES = 4 * MIB  # of all files of one menu together
ENTRIES = 2048  # labels of one menu
LABELS = 4 * ENTRIES  # read, whatever they lead to
PROBLEMS = 1000  # further ones are not kept
HELP_CHARACTERS = 8192  # of one entry's help text
LINE = 4095  # characters of a line, as SYSLINUX's own buffer
INITRDS = 32  # of one entry
LOOKUPS = 4096  # different files of one menu that are looked for on the disk

# GRUB 2 runs scripts, so its menus need more, and limits of another kind.
GRUB_ENTRIES = 10_240
GRUB_FILE = 4 * MIB  # of one file: room for that many entries
GRUB_BYTES = 5 * MIB  # of all files of one menu together
GRUB_MARKS = 500_000  # blanks, quotes and the like of a file: what makes reading it slow
GRUB_FILES = 1024  # read; a stick with many images has a file for each
GRUB_FUNCTIONS = 1024
GRUB_DEPTH = 40  # files, functions and evaluated texts within each other
GRUB_WORK = 300_000  # commands, counting 64 characters of their words as one more
GRUB_SCRIPT = 200_000  # of that, for the configuration itself
GRUB_BODY = 20_000  # of that, for one entry
