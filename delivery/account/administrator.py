"""Sessions as the database server's administrator."""

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.database_server import DatabaseServerError
from delivery.account.stored_login import LoginError, log_in_by_secret
from delivery.account.target import Target


def log_in_as_administrator(target: Target, *, application: str, database: str = "postgres") -> psycopg.Connection:
    """Return a session in a database with the administrator's login. Raises LoginError.

    application: the session's name in the server's lists. No workflow role may read this login.
    """
    settings = target.shared.database_server
    try:
        server = target.database_server
    except (BotoCoreError, ClientError, DatabaseServerError) as error:
        raise LoginError(f"cannot log in to the {settings.title} as its administrator: {error}") from None
    if server.administrator_secret is None:
        raise LoginError(
            f"RDS does not manage the administrator's login of the {settings.title}; allowed: "
            "database_server.administrator_secret with the path of the secret that holds it "
            "(environments/shared.py)"
        )
    return log_in_by_secret(
        target,
        server.administrator_secret,
        whose="its administrator",
        user=server.administrator if settings.administrator_secret is None else None,
        application=application,
        database=database,
    )
