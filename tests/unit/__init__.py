"""Tests that start no cloud: settings, rules, names and the pure parts of each module."""
