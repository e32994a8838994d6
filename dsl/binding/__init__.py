"""From source trees to the checked set: every name bound, every type known."""
