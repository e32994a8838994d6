"""`python -m policyc` is `policyc`."""

from .cli import main

main()
