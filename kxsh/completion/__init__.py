"""What can stand at a place of a line: the part that the prompt and editors share."""
