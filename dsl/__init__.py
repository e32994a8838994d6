"""The policy language: its text, its names and types, and its meaning. Knows neither solver nor terminal."""
