"""The cache of answers from earlier runs, on disk."""
