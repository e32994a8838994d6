"""`matrix`: a decision for every region of one side against every region of the other."""
