"""What the guard looks for in a plan, one family of dangers a file."""
