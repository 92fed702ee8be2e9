"""A plan as a document: read, compared, hashed, and published without its secret values."""
