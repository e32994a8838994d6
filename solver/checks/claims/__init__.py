"""What a set claims of itself (PC5xx)."""
