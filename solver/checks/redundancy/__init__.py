"""Rules without effect (PC402)."""
