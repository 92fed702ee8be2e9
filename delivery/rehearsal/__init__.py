"""Plays GitHub's part of a pull request on this machine."""
