"""The scanners: what is excepted of their findings, and what they are given to read."""
