"""`ask`: one question about a set, and everything in its answer."""
