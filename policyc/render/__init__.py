"""Renders reports as text, JSON, JUnit and CSV."""
