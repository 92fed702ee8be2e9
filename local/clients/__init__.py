"""The usual clients, pointed at the local cloud."""
