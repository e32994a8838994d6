"""One part at a time, by examples that are written out in the test."""
