"""The tests of a set: running them, measuring coverage, writing them from findings."""
