"""The measurements, one part in each file."""
