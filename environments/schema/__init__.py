"""Types, formats and rules of an environment's settings, and how the files are found."""
