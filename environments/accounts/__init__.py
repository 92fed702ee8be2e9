"""Accounts other than the one in the settings: how the settings differ there."""
