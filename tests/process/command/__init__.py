"""Tests of the program as it is installed and run: exit codes, streams, environment, package."""
