"""Tests of the code: its layers, its sizes, and its tests."""
