"""The guard of pull requests: what it finds in a plan, and what a pull request allows."""
