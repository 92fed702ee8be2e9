"""Writes the documentation site's source: the pages of docs, and one page for each construct, from the code."""
