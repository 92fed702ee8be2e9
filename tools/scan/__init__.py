"""Runs third-party scanners over what this project synthesizes: every finding is fixed, or listed with a reason."""
