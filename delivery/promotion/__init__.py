"""Puts images into settings by pull request: a new build's, or those verified in another environment."""
