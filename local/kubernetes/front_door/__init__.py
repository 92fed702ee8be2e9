"""The load balancers of the account, as far as the local cloud plays them: what stands between a client and a pod."""
