"""Properties of the solver: terms, searches and witnesses, and the second solver."""
