"""Services of the operating system: limits of time and memory, files, digests."""
