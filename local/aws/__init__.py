"""The AWS part of the local cloud."""
