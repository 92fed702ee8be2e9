"""Which values of a plan follow from the stack that was planned."""
