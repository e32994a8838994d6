"""The shared machinery of all questions: solving, searching, witnesses, extents, parallel work."""
