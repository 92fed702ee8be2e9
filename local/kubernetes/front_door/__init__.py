"""Plays the account's load balancers, as far as the local cloud does: they stand between a client and a pod."""
