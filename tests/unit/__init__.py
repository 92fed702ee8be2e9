"""Tests that start nothing: settings, rules, names and the pure parts of each module."""
