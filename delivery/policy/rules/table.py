"""Every rule of the guard, the most serious danger first."""

from delivery.policy.rules import (
    code,
    custom_resources,
    data,
    database,
    images,
    ingress,
    kinds,
    names,
    namespace,
    network,
    not_planned,
    permissions,
    plain_secrets,
    planned_values,
    protection,
    public,
    retention,
    settings,
    verified_images,
    wrong_target,
)

# The rules that need only settings and configuration.
WITHOUT_PLAN = (*settings.RULES, *not_planned.RULES, *code.RULES)
RULES = (
    *data.RULES,
    *retention.RULES,
    *wrong_target.RULES,
    *planned_values.RULES,
    *names.RULES,
    *public.RULES,
    *ingress.RULES,
    *plain_secrets.RULES,
    *custom_resources.RULES,
    *images.RULES,
    *permissions.RULES,
    *network.RULES,
    *namespace.RULES,
    *database.RULES,
    *protection.RULES,
    *kinds.RULES,
    *verified_images.RULES,
    *WITHOUT_PLAN,
)
