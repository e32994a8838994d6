"""The command line: options, input and output, and what all commands share."""
