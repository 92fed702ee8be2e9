"""What was deployed to an environment, when, and whether it was right: kept as GitHub's deployments."""
