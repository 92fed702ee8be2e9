"""Draws the README's pictures and tables from the code."""
