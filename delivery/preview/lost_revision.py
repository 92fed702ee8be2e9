"""Whether a migration failed because its images do not know the revision that the database is at.

This happens if a branch changed, renamed or dropped a migration that had already run: Alembic then stops.
Source: https://alembic.sqlalchemy.org/en/latest/api/script.html
"""

from typing import Any

from delivery.account.error import AbsentError
from delivery.account.target import Target
from environments.schema.settings import Environment
from modules.model.names import Names

_SAYS = "Can't locate revision identified by"


def is_lost(target: Target, environment: Environment) -> bool:
    """Whether a pod of the environment's migration says so. Raises CheckError if the API server does not answer.

    environment: with the images that were deployed.
    """
    names = Names.of(environment, target.shared)
    pods = f"/api/v1/namespaces/{names.namespace}/pods"
    try:
        found: list[dict[str, Any]] = target.kubernetes_api.get(
            f"{pods}?labelSelector=job-name%3D{names.migration_job}"
        )["items"]
    except AbsentError:
        return False
    failed = [pod["metadata"]["name"] for pod in found if pod.get("status", {}).get("phase") == "Failed"]
    return any(_SAYS in target.kubernetes_api.text(f"{pods}/{name}/log") for name in failed)
