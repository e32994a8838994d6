"""What is checked of a set once it is bound: circles, citations, names that nothing uses."""
