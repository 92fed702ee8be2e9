"""The EKS part of the local cloud."""
