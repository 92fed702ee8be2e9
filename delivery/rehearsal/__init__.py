"""GitHub's part of a pull request, played on this machine."""
