"""Tests of the solver: what it walks, minimizes and tells, and what it offers."""
