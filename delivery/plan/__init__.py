"""Plans as documents: reading, comparing, hashing, and publishing them without secret values."""
