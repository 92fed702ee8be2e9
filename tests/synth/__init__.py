"""Tests of the Terraform JSON written by the entry point."""
