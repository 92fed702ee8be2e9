"""Runs third-party scanners over the synthesized stacks. Every finding is fixed or listed with a reason."""
