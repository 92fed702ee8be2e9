"""The checks of ``delivery.commands.verify``, one family a file."""
