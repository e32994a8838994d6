"""Checks of rules that contradict each other, or a mandate above them (PC3xx)."""
