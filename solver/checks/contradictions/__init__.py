"""Rules against each other, and against what one above them asks for (PC3xx)."""
