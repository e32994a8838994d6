"""Results of the solver's questions as plain data, and cases in words."""
