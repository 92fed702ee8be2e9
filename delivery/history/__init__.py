"""The history of an environment's deploys and their verification, stored as GitHub deployments."""
