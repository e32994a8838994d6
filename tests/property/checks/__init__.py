"""Properties of findings: they are those of an enumeration, with their witnesses, repairs and tests."""
