"""What to say about text that is not in the language, and how to read on after it."""
