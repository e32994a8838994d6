"""Tests of long work: its limits, its growth, and the processes that share it."""
