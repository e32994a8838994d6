"""Repairs: single edits that end a contradiction."""
