"""Checks for gaps: cases without an answer, and rules that never apply (PC4xx)."""
