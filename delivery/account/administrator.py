"""A session of the database server's administrator."""

import json

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.database_server import DatabaseServerError
from delivery.account.target import Target


class AdministratorError(Exception):
    """The administrator cannot log in; the message says why."""


def log_in_as_administrator(target: Target, *, application: str, database: str = "postgres") -> psycopg.Connection:
    """Return a session in a database with the administrator's login. Raises AdministratorError.

    application: as the server's lists show it.
    """
    settings = target.shared.database_server
    try:
        server = target.database_server
        secret = server.administrator_secret
        if secret is None:
            raise AdministratorError(
                f"RDS does not manage the administrator's login of the {settings.title}; allowed: "
                "database_server.administrator_secret with the path of the secret that holds it "
                "(environments/shared.py)"
            )
        login = json.loads(target.secrets_manager.get_secret_value(SecretId=secret)["SecretString"])
        target.redaction.add(login["password"])
        user = server.administrator if settings.administrator_secret is None else login["username"]
        return target.log_in(user, login["password"], database=database, application=application)
    except (BotoCoreError, ClientError, DatabaseServerError, psycopg.Error) as error:
        raise AdministratorError(f"the {settings.title} does not answer its administrator: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        # The text of the error may hold what the secret does.
        raise AdministratorError(
            f"the secret of the administrator of the {settings.title} is no JSON with username and password "
            f"({type(error).__name__})"
        ) from None
