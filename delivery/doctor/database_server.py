"""The database server: whether it is the one in the settings, its version, and its administrator's login."""

import json
from collections.abc import Iterator

import psycopg

from delivery.account.database_server import DatabaseServer, DatabaseServerError
from delivery.account.stored_login import LoginError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Mark, Once, fine, in_the_way, not_seen, note
from environments.schema.database_server import OLDEST_POSTGRESQL, WHY_NO_OLDER_POSTGRESQL

_FILE = "environments/shared.py"
_REFUSED = "authentication failed"


def facts(examination: Examination) -> Iterator[Fact]:
    """Server, version, the administrator's secret and login, the database ``postgres``, extensions."""
    target = examination.target
    settings, extensions = target.shared.database_server, target.environment.database.extensions
    server = Once(lambda: target.database_server)
    yield Fact(
        name="database server", settings=settings.title, read=lambda: _server(server), quick=True, needed_by="both"
    )
    yield Fact(
        name="database engine",
        settings=f"{settings.engine} {OLDEST_POSTGRESQL} or newer",
        read=lambda: _engine(examination, server()),
        quick=True,
        needed_by="both",
    )
    yield Fact(
        name="administrator's secret",
        settings=settings.administrator_secret or "managed by RDS",
        read=lambda: _secret(examination, server()),
        quick=True,
        needed_by="both",
    )
    yield Fact(name="administrator's login", settings=settings.title, read=lambda: _login(examination, server))
    yield Fact(name="database postgres", settings="closed to PUBLIC", read=lambda: _common_database(examination))
    if extensions:
        yield Fact(
            name="extensions",
            settings=", ".join(extensions),
            read=lambda: _extensions(examination, extensions),
        )


def _server(server: Once[DatabaseServer]) -> Finding:
    try:
        found = server()
    except DatabaseServerError as error:
        return in_the_way(error.found, f"database_server=DatabaseServer({error.allowed}) in {_FILE}")
    return fine(f"at {found.host}:{found.port}")


def _engine(examination: Examination, server: DatabaseServer) -> Finding:
    wanted = examination.target.shared.database_server
    found = f"{server.engine} {server.version}"
    major = int(server.version.partition(".")[0])
    if server.engine == wanted.engine and major >= OLDEST_POSTGRESQL:
        return fine(found)
    return in_the_way(
        found,
        f"upgrade the server, or name another database_server, PostgreSQL {OLDEST_POSTGRESQL} or newer, in {_FILE}: "
        f"{WHY_NO_OLDER_POSTGRESQL}",
    )


def _secret(examination: Examination, server: DatabaseServer) -> Finding:
    target = examination.target
    setting = f'database_server=DatabaseServer(..., administrator_secret="PATH") in {_FILE}'
    if server.administrator_secret is None:
        return in_the_way("RDS does not manage the login, and no secret is named", setting)
    client = target.secrets_manager
    try:
        text = client.get_secret_value(SecretId=server.administrator_secret)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        return in_the_way(f"there is no secret {server.administrator_secret}", setting)
    try:
        login = json.loads(text)
        user = login["username"]
        target.redaction.add(login["password"])
    except (KeyError, TypeError, ValueError):
        return in_the_way("it is not JSON with username and password", setting)
    if user != server.administrator:
        return in_the_way(f"the login of {user}, but the server's master user is {server.administrator}", setting)
    return fine(f"the login of {user}, the server's master user")


def _login(examination: Examination, server: Once[DatabaseServer]) -> Finding:
    settings = examination.target.shared.database_server
    if _secret(examination, server()).mark is not Mark.OK:
        return not_seen("there is no login to try")
    try:
        examination.server()
    except (LoginError, psycopg.Error) as error:
        why = " ".join(str(error).split())
        remedy = (
            "store the server's password in the administrator's secret, or rotate it in RDS"
            if _REFUSED in why
            else "run this where the server can be reached: python -m delivery tunnel INSTANCE (docs/workflows.md)"
        )
        return in_the_way(why, remedy)
    return fine(f"logs in to the {settings.title} over TLS")


def _common_database(examination: Examination) -> Finding:
    if not examination.contents().public:
        return fine("closed")
    return note(
        "PUBLIC may connect: every environment's login can reach it, and make verify fails",
        "REVOKE ALL ON DATABASE postgres FROM PUBLIC, as the server's master user",
    )


def _extensions(examination: Examination, extensions: tuple[str, ...]) -> Finding:
    missing = [name for name in extensions if name not in examination.contents().extensions]
    if not missing:
        return fine("available")
    return in_the_way(
        f"the server has no {', '.join(missing)}",
        f"database=Database(extensions=...) without it in {examination.environment_file}, or a server that has it",
    )
