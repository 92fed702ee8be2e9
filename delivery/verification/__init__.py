"""The checks of ``python -m delivery verify``, one family in each file."""
