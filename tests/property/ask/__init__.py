"""Properties of answers: they are those of an enumeration, with their reasons, alternatives and changes."""
