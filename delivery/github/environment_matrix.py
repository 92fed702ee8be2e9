"""The environments as a workflow's matrix: one row each, with everything that its jobs need to know."""

from collections.abc import Sequence

from environments.schema.catalogue import choose
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

Row = dict[str, str]


def matrix(
    environments: Sequence[Environment],
    shared: Shared,
    *,
    branch: str | None = None,
    only: str | None = None,
    unprotected: bool = False,
) -> list[Row]:
    """Return a row for each environment: its name, branch, region and two roles.

    shared: of the account that contains the roles. branch: only the environments deployed from it. only: the
    environment of this name. unprotected: only unprotected ones. Raises SettingsError if none is left, InvalidNameError
    for a name that is invalid in a role.
    """
    chosen = environments if only is None else [choose(only, environments)]
    if unprotected and not (chosen := [environment for environment in chosen if not environment.protected]):
        raise SettingsError("every environment is protected; allowed with --unprotected: one that is not")
    rows = [
        _row(environment, shared) for environment in chosen if branch in (None, environment.deployed_branch(shared))
    ]
    if not rows:
        branches = ", ".join(sorted({environment.deployed_branch(shared) for environment in environments}))
        raise SettingsError(f"no environment is deployed from branch {branch!r}; allowed: {branches}")
    return rows


def _row(environment: Environment, shared: Shared) -> Row:
    names = Names.of(environment, shared)
    return {
        "environment": environment.name,
        "branch": environment.deployed_branch(shared),
        "region": shared.region,
        "plan_role": f"arn:aws:iam::{shared.account}:role/{names.plan_role}",
        "deploy_role": f"arn:aws:iam::{shared.account}:role/{names.deploy_role}",
    }
