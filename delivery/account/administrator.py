"""A session of the database server's administrator."""

import json

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.target import Target


class AdministratorError(Exception):
    """The administrator cannot log in; the message says why."""


def log_in_as_administrator(target: Target, *, application: str) -> psycopg.Connection:
    """Return a session in the database ``postgres`` with the login that RDS manages. Raises AdministratorError.

    application: as the server's lists show it.
    """
    try:
        user = target.rds_instance["MasterUsername"]
        secret = target.rds_instance["MasterUserSecret"]["SecretArn"]
        login = json.loads(target.secrets_manager.get_secret_value(SecretId=secret)["SecretString"])
        target.redaction.add(login["password"])
        return target.log_in(user, login["password"], database="postgres", application=application)
    except (BotoCoreError, ClientError, psycopg.Error) as error:
        raise AdministratorError(f"{target.shared.rds_instance} does not answer its administrator: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        name = target.shared.rds_instance
        raise AdministratorError(f"{name} has no administrator's login that RDS manages: {error!r}") from None
