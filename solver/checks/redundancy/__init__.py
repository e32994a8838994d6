"""The check for rules without effect (PC402)."""
