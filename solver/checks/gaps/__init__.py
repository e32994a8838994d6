"""Cases that nobody speaks of, and rules that have nothing to say (PC4xx)."""
