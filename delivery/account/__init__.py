"""The account and an environment in it: who asks, and the connections to its servers."""
