"""Builds the local cloud's Go programs once, into the cache. Standard library only: no package is installed yet."""
