"""Help pages and what is said of wrong usage."""
