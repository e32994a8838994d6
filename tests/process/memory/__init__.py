"""The cache of earlier runs: what is recalled, and its file."""
