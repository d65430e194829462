"""Scripts at work."""
