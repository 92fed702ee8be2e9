"""Every rule of the guard, the gravest danger first."""

from delivery.policy.rules import data, database, names, namespace, network, public
from delivery.policy.rules import permissions as rights
from delivery.policy.rules import wrong_target as place

RULES = (
    *data.RULES,
    *place.RULES,
    *names.RULES,
    *public.RULES,
    *rights.RULES,
    *network.RULES,
    *namespace.RULES,
    *database.RULES,
)
