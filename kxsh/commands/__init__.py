"""The built-in commands, by family."""
