"""Addresses of the node itself, which no pod may reach."""

# On one of these addresses every pod could request the node's credentials.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#link-local-addresses
LINK_LOCAL = "169.254.0.0/16"
