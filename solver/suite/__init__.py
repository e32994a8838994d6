"""The tests of a set: run, measured, and written from findings."""
