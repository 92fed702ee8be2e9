"""How images come into settings by pull requests: a new build's, and what runs verified in another environment."""
