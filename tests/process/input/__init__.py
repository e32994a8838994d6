"""Tests of what the program reads: paths, files and texts, also wrong, hostile, long or absent ones."""
