"""The plan comment on a pull request, and what a deploy reads back from it."""
