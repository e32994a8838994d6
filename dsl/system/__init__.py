"""What the language needs of the machine: limits of time and memory, files, digests."""
