"""What is told to an author: places in the text, codes, messages in English and Chinese."""
