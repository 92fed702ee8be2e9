"""A container's environment variables: plain values, and references to keys of Secrets."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One key of a Secret in the pod's own namespace."""

    secret: str
    key: str


EnvironmentVariables = Mapping[str, str | SecretKey]
