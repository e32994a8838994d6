"""Tests of the solver's parts, from dependencies and minimal sets to repairs and the tests of a set."""
