"""The commands of ``python -m delivery``, one per file; nothing imports them."""
