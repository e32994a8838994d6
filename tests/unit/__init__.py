"""Tests of single parts, by examples written out in the test."""
