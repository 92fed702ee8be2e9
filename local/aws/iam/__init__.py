"""Authenticates and authorizes the callers of the local AWS, by AWS's own rules."""
