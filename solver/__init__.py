"""Questions about all cases at once: the checked set lowered to terms, Z3, and answers decoded and replayed."""
