"""Database sessions with a login stored in Secrets Manager."""

import json

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.database_server import DatabaseServerError
from delivery.account.target import Target

# libpq gives no SQLSTATE for a failed connection, but it repeats the server's message if the server answered.
_ANSWER = "FATAL"


class LoginError(Exception):
    """A login cannot be used; the message says why."""


class NoAnswerError(LoginError):
    """The server cannot be reached."""


def log_in_by_secret(
    target: Target, secret: str, *, whose: str, user: str | None = None, application: str, database: str
) -> psycopg.Connection:
    """Return a database session with the login in a secret, which holds JSON with username and password.

    secret: its ARN or path. whose: the login's owner, for error messages. user: overrides the secret's username.
    application: the session's name in the server's lists. Raises LoginError.
    """
    title = target.shared.database_server.title
    try:
        login = json.loads(target.secrets_manager.get_secret_value(SecretId=secret)["SecretString"])
        target.redaction.add(login["password"])
        return target.log_in(user or login["username"], login["password"], database=database, application=application)
    except psycopg.Error as error:
        kind = LoginError if _ANSWER in str(error) else NoAnswerError
        raise kind(f"cannot log in to the {title} as {whose}: {error}") from None
    except (BotoCoreError, ClientError, DatabaseServerError) as error:
        raise LoginError(f"cannot log in to the {title} as {whose}: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        # The error's own text may contain the secret's content.
        raise LoginError(
            f"the secret {secret} of {whose} is not JSON with username and password ({type(error).__name__})"
        ) from None
