"""The nightly comparison of an environment with its code."""
