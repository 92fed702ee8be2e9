"""Every rule of the guard, the gravest danger first."""

from delivery.rules import data, database, names, namespace, network, place, public, rights

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
