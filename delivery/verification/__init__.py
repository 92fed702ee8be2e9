"""The checks of ``python -m delivery verify``, one family a file."""
