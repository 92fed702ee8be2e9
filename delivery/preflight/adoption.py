"""Checks that what an environment adopts stays intact."""

import sys
from collections.abc import Iterator

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.acting_login import log_in_as
from delivery.account.error import CheckError, UnseenError
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preflight import adopted_credentials, adopted_database, adopted_role


def problems(target: Target, role: str) -> Iterator[str]:
    """Yield what an adoption would drop or mix up, and what could not be checked.

    role: DEPLOY or PLAN, whose login inspects the database. What the plan role may not read is only noted: it does not
    stop the adoption.
    """
    environment = target.environment
    checks = {
        "core-api-role": adopted_role.problem,
        "database": lambda target: _database(target, role),
        "credentials": adopted_credentials.problem,
        "database-role": adopted_credentials.problem,
    }
    for check, part in {check: part for part, check in checks.items() if environment.adopts(part)}.items():
        try:
            problem = check(target)
        except UnseenError:
            print(
                f"note: the plan role cannot check whether {environment.name} can adopt its {part}; a deploy checks it",
                file=sys.stderr,
            )
        except (LoginError, CheckError, psycopg.Error, BotoCoreError, ClientError) as error:
            yield (
                f"cannot check whether {environment.name} can adopt its {part}: {error}; allowed: credentials that "
                "may read it"
            )
        else:
            if problem:
                yield problem


def _database(target: Target, role: str) -> str | None:
    with log_in_as(target, role, application="deploy", database=target.names.database) as connection:
        return adopted_database.problem(target, connection)
