"""The tests, in rooms: CONTRIBUTING.md says which holds what. `python -m tests` runs them with all other checks."""
