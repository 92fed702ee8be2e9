"""GitHub as the workflows use it: its API, a run's variables, and comments kept up to date."""
