"""Every rule of the guard, the gravest danger first."""

from delivery.policy.rules import (
    code,
    data,
    database,
    names,
    namespace,
    network,
    not_planned,
    permissions,
    public,
    verified_images,
    wrong_target,
)

# What is judged by settings and configuration alone.
WITHOUT_PLAN = (*not_planned.RULES, *code.RULES)
RULES = (
    *data.RULES,
    *wrong_target.RULES,
    *names.RULES,
    *public.RULES,
    *permissions.RULES,
    *network.RULES,
    *namespace.RULES,
    *database.RULES,
    *verified_images.RULES,
    *WITHOUT_PLAN,
)
