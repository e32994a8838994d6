"""Checks of what a set claims about itself: assertions, tests, axioms (PC5xx)."""
