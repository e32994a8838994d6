"""The meaning of the language as formulas over all cases, parallel to the evaluator of single cases."""
