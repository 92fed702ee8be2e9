"""The matrix of a workflow run: one row for each slot it works on, with what the slot's job needs."""

from typing import Literal

from environments.schema.settings import Environment, Shared
from modules.model.names import Names

# Subcommands of ``python -m delivery preview``.
Task = Literal["deploy", "sweep"]
Row = dict[str, str]


def row(slot: Environment, shared: Shared, task: Task) -> Row:
    """Return a row for a slot. Raises InvalidNameError."""
    role = Names.of(slot, shared).deploy_role
    return {
        "environment": slot.name,
        "task": task,
        "region": shared.region,
        "deploy_role": f"arn:aws:iam::{shared.account}:role/{role}",
    }
