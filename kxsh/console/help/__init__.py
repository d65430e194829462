"""`help`: commands, topics, keys and messages."""
