"""Diagnostics: places in the source text, codes, and messages in English and Chinese."""
