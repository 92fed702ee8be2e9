"""The documentation site's source: the pages of docs, and one for each construct, written from the code."""
