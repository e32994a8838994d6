"""Checks of a bound set that need no solver."""
