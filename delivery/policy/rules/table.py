"""Every rule of the guard, the gravest danger first."""

from delivery.policy.rules import (
    data,
    database,
    names,
    namespace,
    network,
    permissions,
    planned_values,
    public,
    wrong_target,
)

RULES = (
    *data.RULES,
    *wrong_target.RULES,
    *planned_values.RULES,
    *names.RULES,
    *public.RULES,
    *permissions.RULES,
    *network.RULES,
    *namespace.RULES,
    *database.RULES,
)
