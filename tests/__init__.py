"""The tests, in rooms that CONTRIBUTING.md describes. `python -m tests` runs them with all other checks."""
