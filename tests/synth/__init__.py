"""Tests of the Terraform JSON that the entry point writes."""
