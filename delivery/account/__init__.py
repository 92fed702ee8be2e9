"""The account and one environment in it: the caller's identity and connections to the servers."""
