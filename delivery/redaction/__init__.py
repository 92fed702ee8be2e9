"""Recognizes secrets and keeps them out of all output."""
