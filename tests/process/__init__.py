"""Tests of the whole program: as a process, with disk and streams, interrupted, at its limits."""
