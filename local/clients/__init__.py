"""Configures the usual clients for the local cloud."""
