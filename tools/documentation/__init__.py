"""Writes the documentation site's source: the pages of docs, and one page per construct, generated from the code."""
