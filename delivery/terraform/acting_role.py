"""Tells Terraform which of an environment's two roles runs it, whatever the caller's shell says."""

from collections.abc import Mapping

from modules.model.acting_role import NAME


def variables(role: str) -> Mapping[str, str]:
    """The environment variables of a run. role: DEPLOY, or PLAN for a run that only plans and reads no secret."""
    return {f"TF_VAR_{NAME}": role}


def planned_by(document: Mapping[str, object]) -> object:
    """The role that made a plan, from ``terraform show -json``; None if its stack has no roles."""
    found: object = document
    for key in ("variables", NAME, "value"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
