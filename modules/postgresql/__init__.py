"""PostgreSQL constructs, one logical entity a file."""
