"""The environments as a workflow's matrix: a row for each, with what its jobs need to know."""

from collections.abc import Sequence

from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

Row = dict[str, str]


def matrix(environments: Sequence[Environment], shared: Shared, *, branch: str | None = None) -> list[Row]:
    """Return a row for each environment: its name, branch, region and two roles.

    shared: of the account that the roles are in. branch: only the environments that it is deployed to. Raises
    SettingsError where there is none, InvalidNameError for a name that makes no role.
    """
    rows = [_row(environment, shared) for environment in environments if branch in (None, environment.branch)]
    if not rows:
        branches = ", ".join(sorted({environment.branch for environment in environments}))
        raise SettingsError(f"no environment is deployed from branch {branch!r}; allowed: {branches}")
    return rows


def _row(environment: Environment, shared: Shared) -> Row:
    names = Names.of(environment, shared)
    return {
        "environment": environment.name,
        "branch": environment.branch,
        "region": shared.region,
        "plan_role": f"arn:aws:iam::{shared.account}:role/{names.plan_role}",
        "deploy_role": f"arn:aws:iam::{shared.account}:role/{names.deploy_role}",
    }
