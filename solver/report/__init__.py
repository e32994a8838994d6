"""What the solver's questions are answered with: plain data, and a case in words."""
