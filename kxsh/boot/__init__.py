"""Boot entries, command lines, kernel files, plans."""
