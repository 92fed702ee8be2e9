"""Measurements of this project, each compared with its alternative in the same run."""
