"""Whether what an environment adopts keeps what it has."""

import sys
from collections.abc import Iterator

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.administrator import AdministratorError
from delivery.account.error import CheckError, UnseenError
from delivery.account.target import Target
from delivery.preflight import adopted_credentials, adopted_database, adopted_role
from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED

_CHECKS = {
    "core-api-role": adopted_role.problem,
    "database": adopted_database.problem,
    "credentials": adopted_credentials.problem,
    "database-role": adopted_credentials.problem,
}


def problems(environment: Environment) -> Iterator[str]:
    """Yield what an adoption would take away or mix up, and what cannot be seen of it.

    What the plan role may not see is no problem of the adoption, and only said.
    Raises CloudError, or AccountError where there are no credentials to look with.
    """
    checks = {check: part for part, check in _CHECKS.items() if environment.adopts(part)}
    if not checks:
        return
    target = Target.of(environment, SHARED)
    for check, part in checks.items():
        try:
            problem = check(target)
        except UnseenError:
            print(
                f"note: whether {environment.name} can adopt its {part} is not seen by the plan role; a deploy looks",
                file=sys.stderr,
            )
        except (AdministratorError, CheckError, psycopg.Error, BotoCoreError, ClientError) as error:
            yield (
                f"whether {environment.name} can adopt its {part} cannot be seen: {error}; allowed: credentials that "
                "may read it"
            )
        else:
            if problem:
                yield problem
