"""`python -m policyc` is `policyc`."""

from .cli.main import main

main()
