"""Reports of `check`, kept from run to run."""
