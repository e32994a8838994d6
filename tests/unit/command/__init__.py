"""Units of the command line: what is read, listed and explained, and the settings."""
