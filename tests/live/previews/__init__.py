"""Previews beside the lasting environments: what one can reach, and what a claim creates and deletes."""
