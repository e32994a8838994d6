"""The solvers: Z3, cvc5, and how one checks the other."""
