"""The scanners: which findings are accepted, and what the scanners read."""
