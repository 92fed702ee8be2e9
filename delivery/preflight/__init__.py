"""What is checked, and repaired, before a run."""
