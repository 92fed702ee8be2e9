"""Which Pod Security Standard an environment's namespace enforces, and its labels.

Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

from environments.schema.neighbour import LEVELS, PodSecurity

ENFORCE = "pod-security.kubernetes.io/enforce"
RESTRICTED = LEVELS[0]


def pod_security_labels(enforced: PodSecurity) -> dict[str, str]:
    """The labels of a namespace that enforces this standard; it warns about and audits what is not restricted."""
    return {
        f"pod-security.kubernetes.io/{mode}{suffix}": value
        for mode, level in (("enforce", enforced), ("audit", RESTRICTED), ("warn", RESTRICTED))
        for suffix, value in (("", level), ("-version", "latest"))
    }
