"""Real plans, reduced, and the program that makes them."""
