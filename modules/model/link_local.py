"""Addresses of the node itself, which no pod may reach."""

# There every pod could ask for the node's credentials, as this address or another of these.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#link-local-addresses
LINK_LOCAL = "169.254.0.0/16"
