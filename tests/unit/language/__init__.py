"""Tests of the language: characters, statements, values, mistakes in them, and what they mean in one case."""
