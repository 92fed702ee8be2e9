"""Database sessions as one of an environment's two roles: the one that deploys or the one that plans."""

import psycopg

from delivery.account.stored_login import LoginError, NoAnswerError, log_in_by_secret
from delivery.account.target import Target
from modules.model.acting_role import DEPLOY


def log_in_as(target: Target, role: str, *, application: str, database: str = "postgres") -> psycopg.Connection:
    """Return a session whose current user is the environment's deployer or planner. Raises LoginError.

    role: DEPLOY or PLAN. application: the session's name in the server's lists.
    """
    secret = target.names.deploy_login if role == DEPLOY else target.names.plan_login
    whose = f"the {'deployer' if role == DEPLOY else 'planner'} of {target.environment.name}"
    try:
        # The login acts as its role: bootstrap configures it so that every session begins with SET ROLE.
        return log_in_by_secret(target, secret, whose=whose, application=application, database=database)
    except NoAnswerError:
        raise
    except LoginError as error:
        raise LoginError(f"{error}; bootstrap creates {secret}: make bootstrap") from None
