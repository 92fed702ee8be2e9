"""The RDS part of the local cloud."""
