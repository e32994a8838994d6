"""Which single edits end a contradiction."""
