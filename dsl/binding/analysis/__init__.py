"""Checks of a bound set that need no solver: circles, citations, unused names."""
