"""`python -m policyc` is `policyc`."""

from .cli.main import main

if __name__ == "__main__":  # processes that share the work load this module, too
    main()
