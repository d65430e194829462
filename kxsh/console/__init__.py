"""The recovery prompt."""
