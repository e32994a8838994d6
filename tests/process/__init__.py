"""The whole program: as a process, with the disk and its streams, interrupted, at its limits."""
