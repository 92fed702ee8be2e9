"""What serves this repository alone."""
