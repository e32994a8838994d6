"""Syntax errors: recovering from them and explaining them."""
