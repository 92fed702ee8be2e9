"""The checks of ``delivery.verify``, one family a file."""
