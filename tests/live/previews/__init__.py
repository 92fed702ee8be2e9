"""Previews beside the environments that last: what one can reach, and what comes and goes with a claim."""
