"""Finds what an interrupted run left behind, and imports it."""
