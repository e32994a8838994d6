"""Tests of the command and the Python interface: settings, facts, commands, and what they print."""
