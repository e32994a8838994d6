"""Shared by the tests: makers of policy sets, enumeration, paths. Contains no tests."""
