"""Binds and types expressions, with their names and the definitions that they read."""
