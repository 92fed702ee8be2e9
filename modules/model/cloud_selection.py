"""The cloud that the process's environment chooses: read without CDKTF, so that every command can ask.

MOSAIC_CLOUD is ``aws`` (default) or ``local``. ``local`` is the local cloud of ``python -m local``; its endpoint comes
from AWS_ENDPOINT_URL, which must be on the loopback interface. MOSAIC_SETTINGS is a file of settings to use instead of
those in environments/.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

ACCOUNT_VARIABLE = "MOSAIC_LOCAL_ACCOUNT"
SETTINGS_VARIABLE = "MOSAIC_SETTINGS"
# Of the local cloud: the HOST:PORT that plays its load balancers, and the file of the authority that verifies every
# certificate there.
FRONT_DOOR_VARIABLE = "MOSAIC_LOCAL_FRONT_DOOR"
AUTHORITY_VARIABLE = "MOSAIC_LOCAL_AUTHORITY"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class CloudError(ValueError):
    """The process's environment does not say where to run; the message names the variable and what is allowed."""


def local_endpoint(variables: Mapping[str, str] | None = None) -> str | None:
    """Return the local cloud's endpoint, or None for AWS.

    variables: environment variables; None for those of this process. Raises CloudError.
    """
    if variables is None:
        variables = os.environ
    name = variables.get("MOSAIC_CLOUD", "aws")
    endpoint = variables.get("AWS_ENDPOINT_URL")
    if name == "aws":
        if endpoint:
            raise CloudError(
                f"AWS_ENDPOINT_URL is {endpoint!r} while MOSAIC_CLOUD is 'aws'; "
                "allowed: unset it for AWS, or MOSAIC_CLOUD=local for the local cloud"
            )
        return None
    if name != "local":
        raise CloudError(f"MOSAIC_CLOUD is {name!r}; allowed: 'aws' (default) or 'local'")
    if not endpoint:
        raise CloudError(
            "MOSAIC_CLOUD is 'local' but AWS_ENDPOINT_URL is not set; "
            'start the local cloud and load its variables: make local-up && eval "$(make -s local-env)"'
        )
    if urlsplit(endpoint).hostname not in LOOPBACK:
        raise CloudError(
            f"AWS_ENDPOINT_URL is {endpoint!r} while MOSAIC_CLOUD is 'local'; "
            f"allowed: a URL on {', '.join(sorted(LOOPBACK))}"
        )
    return endpoint


def local_front_door(variables: Mapping[str, str] | None = None) -> tuple[str, int, str]:
    """Return host and port of the local cloud's front door, and the file of its authority.

    variables: environment variables; None for those of this process. Raises CloudError if they are not from ``python -m
    local env``.
    """
    if variables is None:
        variables = os.environ
    place, authority = variables.get(FRONT_DOOR_VARIABLE, ""), variables.get(AUTHORITY_VARIABLE, "")
    host, _, port = place.rpartition(":")
    if host not in LOOPBACK or not port.isdecimal() or not authority:
        raise CloudError(
            f"{FRONT_DOOR_VARIABLE} is {place!r} and {AUTHORITY_VARIABLE} is {authority!r}; allowed: both from the "
            'local cloud: eval "$(make -s local-env)"'
        )
    return host, int(port), authority


def local_account(allowed: Collection[str], variables: Mapping[str, str] | None = None) -> str:
    """Return the account of a run on the local cloud; on AWS the first of ``allowed``.

    Raises CloudError if MOSAIC_LOCAL_ACCOUNT is not one of ``allowed``.
    """
    if variables is None:
        variables = os.environ
    name = named_account(allowed, variables)
    return name if variables.get("MOSAIC_CLOUD") == "local" else next(iter(allowed))


def named_account(allowed: Collection[str], variables: Mapping[str, str]) -> str:
    """Return the account that MOSAIC_LOCAL_ACCOUNT names; the first of ``allowed`` if it is unset.

    Raises CloudError if it is not one of them.
    """
    default = next(iter(allowed))
    name = variables.get(ACCOUNT_VARIABLE) or default
    if name not in allowed:
        raise CloudError(f"{ACCOUNT_VARIABLE} is {name!r}; allowed: {', '.join(allowed)} ({default} if it is unset)")
    return name


def settings_file(variables: Mapping[str, str] | None = None) -> Path | None:
    """Return the file that MOSAIC_SETTINGS names; None if it is unset."""
    if variables is None:
        variables = os.environ
    name = variables.get(SETTINGS_VARIABLE)
    return Path(name) if name else None
