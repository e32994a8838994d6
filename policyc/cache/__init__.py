"""The cache of `check` reports, kept from run to run."""
