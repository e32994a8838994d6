"""The memory of earlier runs: what is recalled, and the file in which it stands."""
