"""Tests of properties of all policy sets: random ones, enumerated cases, the whole corpus."""
