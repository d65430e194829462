"""How large a script may be. Larger ones are no boot scripts, and would only be slow to
read: 10,000 ordinary lines have 45,000 words and signs, and take a second to check."""

from __future__ import annotations

SIZE = 1024 * 1024  # characters, and bytes of a file
LINE = 100_000  # characters; the regular expressions of a longer one cost memory
TOKENS = 60_000
FUNCTIONS = 3_000  # each is followed along every path through it, a third of a millisecond
DOLLARS = 50_000  # variables and ${...} in words and strings
DEPTH = 100  # brackets in brackets, operands in a row: deeper is an attack on the stack
