"""Tools for this repository only."""
