"""How a Deployment replaces its pods and how long a migration may take, with either delivery."""

from environments.schema.rules import SURGE_PERCENT

# A pod is never removed before its successor is ready.
MAX_SURGE = f"{SURGE_PERCENT}%"
MAX_UNAVAILABLE = "0"
REVISION_HISTORY = 5

MIGRATION_DEADLINE_SECONDS = 900
MIGRATION_RETRIES = 2
