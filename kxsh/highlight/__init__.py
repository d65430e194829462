"""Highlighting for other programs: nothing of kxsh imports this."""
