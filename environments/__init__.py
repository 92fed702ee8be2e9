"""What is wanted: one file an environment, as plain typed data with no framework behind it."""
