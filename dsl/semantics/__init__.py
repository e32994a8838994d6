"""The reference evaluator: what the language means, for one case."""
