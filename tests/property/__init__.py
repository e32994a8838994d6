"""What holds for every policy set: random ones, enumerated cases, the whole corpus."""
