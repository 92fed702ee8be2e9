"""Scanners of others over what this project synthesizes: what they find is changed, or listed with the reason."""
