"""What can be asked of a policy set: `policyc facts`."""
