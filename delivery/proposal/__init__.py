"""A pull request as data: the stacks that its code makes of its settings, and those that this code makes of them."""
