"""Real plans, made small, and how they were made."""
