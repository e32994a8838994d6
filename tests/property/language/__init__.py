"""Properties of the language: every construct occurs, means the same to evaluator and solver, and can be shown."""
