"""Every rule of the guard, the gravest danger first."""

from delivery.policy.rules import data, database, names, namespace, network, permissions, public, wrong_target

RULES = (
    *data.RULES,
    *wrong_target.RULES,
    *names.RULES,
    *public.RULES,
    *permissions.RULES,
    *network.RULES,
    *namespace.RULES,
    *database.RULES,
)
