"""The meaning of the language as formulas: what the evaluator does for one case, said of all."""
