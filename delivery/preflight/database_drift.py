"""What was changed by hand in the database and no Terraform plan can see: the role's password, the lost membership.

PostgreSQL shows nobody a password, and Terraform writes it only when its version changes. From PostgreSQL 16 on the
administrator keeps an empty membership in every role that it made, which the provider takes for the one that was
revoked. So both are tried before a run, which then replaces a resource: the plan shows it, and the apply heals it.
"""

import json

import psycopg

from delivery.account.administrator import AdministratorError, log_in_as_administrator
from delivery.account.target import Target

# modules/postgresql/database.py: another id of this one, and the role is given the stored password again.
GIVEN = "terraform_data.database_password_given"
MEMBERSHIP = "postgresql_grant_role.database_administrator"
_APPLICATION = "drift"
# libpq gives no SQLSTATE for a connection that fails.
_REFUSAL = "password authentication failed"


def replacements(target: Target) -> dict[str, str]:
    """The addresses that a plan or an apply must replace, each with the reason; none where nothing was changed.

    Nothing is said of what is not there yet, or where the database does not answer: Terraform says that itself.
    """
    role, found = target.names.database_role, {}
    is_member = _administrator_is_member(target)
    # PostgreSQL refuses a role that is not there in the same words as a wrong password.
    if is_member is not None and _password_is_refused(target):
        found[GIVEN] = f"the database refuses {role} its stored password; the role is given it again"
    if is_member is False:
        found[MEMBERSHIP] = f"the administrator lost its membership in {role}; it gets it again"
    return found


def _password_is_refused(target: Target) -> bool:
    """Whether the database refuses the role the password that Secrets Manager holds."""
    password = _stored_password(target)
    if password is None:
        return False
    try:
        database = target.names.database
        target.log_in(target.names.database_role, password, database=database, application=_APPLICATION).close()
    except psycopg.Error as error:
        return _REFUSAL in str(error)
    return False


def _administrator_is_member(target: Target) -> bool | None:
    """Whether the administrator has the role's rights; None where there is no such role, or nobody to ask."""
    try:
        with log_in_as_administrator(target, application=_APPLICATION) as connection:
            row = connection.execute(
                "SELECT pg_has_role(current_user, oid, 'USAGE') FROM pg_roles WHERE rolname = %s",
                [target.names.database_role],
            ).fetchone()
    except (AdministratorError, psycopg.Error):
        return None
    return None if row is None else bool(row[0])


def _stored_password(target: Target) -> str | None:
    """The password of the environment's role; None where there is none, or what is there is not of the form."""
    client = target.secrets_manager
    try:
        secret = client.get_secret_value(SecretId=target.names.database_credentials)
        return str(json.loads(secret["SecretString"])["password"])
    except (client.exceptions.ClientError, KeyError, TypeError, ValueError):
        return None
