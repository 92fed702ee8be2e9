"""The guard of pull requests: its findings in a plan, and the findings that a pull request allows."""
