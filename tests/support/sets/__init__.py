"""Sets that many tests use: small ones, generated ones, and some that are hard."""
