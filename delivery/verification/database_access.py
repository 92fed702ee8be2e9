"""Who besides the environment's role reaches its database: what grants that Terraform does not manage would show."""

from collections.abc import Iterator

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.database import Login


def checks(target: Target) -> Iterator[Check]:
    """The members of the role, and who may connect."""
    names, instance = target.names, target.shared.database_server.name
    psql = f"psql as the administrator of {instance}"
    yield Check(
        name="database members",
        run=lambda: has_no_other_member(Login.read(target), administrator=target.database_server.administrator),
        expected=f"the administrator, and nobody else, has the rights of {names.database_role}",
        look=f"{psql}: REVOKE {names.database_role} FROM MEMBER; a deploy gives the administrator its membership back",
        reads_secrets=True,
    )
    yield Check(
        name="database access",
        run=lambda: admits_no_other_role(Login.read(target), administrator=target.database_server.administrator),
        expected=f"only {names.database_role} and the administrator may connect to {names.database}",
        look=f"{psql}: REVOKE ALL ON DATABASE {names.database} FROM ROLE",
        reads_secrets=True,
    )


def has_no_other_member(login: Login, *, administrator: str) -> str:
    """Say that only the administrator has the role's rights. Raises CheckError for another member, or without it."""
    with login.session() as connection:
        rows = connection.execute(
            "SELECT DISTINCT member::regrole::text, pg_has_role(member, roleid, 'USAGE') FROM pg_auth_members"
            " WHERE roleid = current_user::regrole ORDER BY 1"
        ).fetchall()
    problems = [f"{member} is a member" for member, _ in rows if member != administrator]
    if (administrator, True) not in rows:
        problems.append(f"the administrator {administrator} has not its rights")
    if problems:
        raise CheckError(", ".join(problems))
    return f"only {administrator} is a member of {login.user}"


def admits_no_other_role(login: Login, *, administrator: str) -> str:
    """Say that nobody else may connect. Raises CheckError with every other role that may; superusers always may."""
    with login.session() as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE has_database_privilege(oid, current_database(), 'CONNECT')"
            " AND NOT rolsuper AND rolname <> current_user AND rolname <> %s ORDER BY 1",
            [administrator],
        ).fetchall()
    if rows:
        raise CheckError(f"{', '.join(name for (name,) in rows)} may connect")
    return f"only {login.user} and {administrator} may connect to {login.database}"
