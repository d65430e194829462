"""The language's grammar at work: text to syntax tree."""
