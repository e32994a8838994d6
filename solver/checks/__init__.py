"""What can be wrong with a set: one module for each kind of finding."""
