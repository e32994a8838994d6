"""Fuzzing: random inputs, and what policyc must never do with them. `python -m tests.fuzz --help`."""
