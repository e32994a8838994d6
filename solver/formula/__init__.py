"""Formulas over the variables of a case, and operations on them that need no solver."""
