"""Help pages, and messages about wrong usage."""
