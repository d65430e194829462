"""The recovery prompt: its line, its commands, and what it shows."""
