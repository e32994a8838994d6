"""When something holds, as alternatives: exact, short, over the facts that matter."""
