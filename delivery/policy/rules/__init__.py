"""The guard's rules, one family of dangers per file."""
