"""Disjunctive normal forms: when something holds, as exact and short alternatives over the relevant facts."""
