"""Accounts other than the one that the settings describe: what is different of the settings there."""
