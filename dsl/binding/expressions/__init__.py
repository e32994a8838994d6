"""Expressions, their names and the definitions that they read, bound and typed in one scope."""
