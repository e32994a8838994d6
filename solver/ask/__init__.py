"""One question about a set, and all that its answer says."""
