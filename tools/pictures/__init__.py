"""The README's pictures and tables, drawn from the code."""
