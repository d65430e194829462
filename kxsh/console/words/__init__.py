"""What Tab offers at the prompt and in the editor, and what F1 says of a call."""
