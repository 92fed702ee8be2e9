"""What is wanted: one file for each environment, as plain typed data without a framework."""
