"""The checks of a policy set: one module for each kind of finding."""
