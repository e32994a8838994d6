"""Fuzzing: inputs that nobody wrote, and what policyc may never do with them. `python -m tests.fuzz --help`."""
