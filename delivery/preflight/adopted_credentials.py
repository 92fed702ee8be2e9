"""Checks that the secret an environment adopts as database credentials is the application's own login."""

import json

from delivery.account.error import UnseenError
from delivery.account.target import Target
from environments.schema.catalogue import file_of


def problem(target: Target) -> str | None:
    """Describe the login in the secret if it is not the environment's, never its password. None if it is.

    An adopted administrator login would become the application's, and a rotation would overwrite it.
    Raises UnseenError for the plan role, which may not read secrets, ClientError, or DatabaseServerError.
    """
    names, environment = target.names, target.environment
    administrator = target.database_server.administrator
    if names.database_role == administrator:
        return (
            f"database.role {names.database_role!r} is the administrator of the database server; allowed: another "
            f"role, for the application alone ({file_of(environment.name)})"
        )
    if not environment.adopts("credentials"):
        return None
    if target.asked_by_plan_role:
        raise UnseenError
    secret = _read(target)
    if secret is None:
        # Terraform itself reports that there is nothing to import.
        return None
    wanted = {"username": names.database_role, "dbname": names.database}
    held = {field: secret.get(field) for field in wanted}
    if held == wanted:
        return None
    # In any other form it may hold anything.
    is_login = all(isinstance(value, str) for value in held.values())
    found = ", ".join(f"{field} {value!r}" for field, value in held.items()) if is_login else "no username and dbname"
    whose = " (the database server's administrator)" if held["username"] == administrator else ""
    return (
        f"the secret {names.database_credentials} holds {found}{whose}, but the login of {environment.name} is "
        f"username {names.database_role!r}, dbname {names.database!r}; allowed in {file_of(environment.name)}: "
        'adopt without "credentials", and database=Database(credentials_path=...) with another path, to which a deploy '
        "writes its own login; or, if this is the application's login, database=Database(name=..., role=...) with "
        "its names (docs/production.md)"
    )


def _read(target: Target) -> dict[str, object] | None:
    """The secret's content, or {} if it is not a JSON object. None if there is no such secret."""
    client = target.secrets_manager
    try:
        text = client.get_secret_value(SecretId=target.names.database_credentials)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        return None
    except client.exceptions.InvalidRequestException:
        # It is scheduled for deletion: a later step restores it or reports it (out_of_band_changes.py).
        return None
    except KeyError:
        return {}
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}
