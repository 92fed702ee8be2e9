"""Checks which values of a plan follow from the planned stack."""
