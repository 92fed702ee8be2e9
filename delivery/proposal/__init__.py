"""A pull request as data: what its code makes of its settings, and what this code makes of them."""
