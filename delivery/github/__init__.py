"""GitHub as the workflows use it: its API, a run's variables, one comment kept up to date."""
