"""Checks, and some repairs, that run before Terraform does."""
