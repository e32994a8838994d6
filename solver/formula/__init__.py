"""Formulas over the variables of a case, and what can be done with them without a solver."""
