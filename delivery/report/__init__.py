"""Formats output: Markdown, tables, and what a program printed to a terminal."""
