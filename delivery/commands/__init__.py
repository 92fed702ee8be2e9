"""The commands of ``python -m delivery``, one a file; nothing imports them."""
