"""Checks who besides the environment's role can reach its database, to find grants that Terraform does not manage."""

from collections.abc import Collection, Iterator

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.database import Login
from modules.model.names import numbered_login


def checks(target: Target) -> Iterator[Check]:
    """Check the role's members, and who may connect."""
    names, instance = target.names, target.shared.database_server.name
    deployer, planner = names.database_deployer, names.database_planner
    psql = f"psql as the administrator of {instance}"
    yield Check(
        name="database members",
        run=lambda: has_no_other_member(
            Login.read(target), deployer=deployer, administrator=target.database_server.administrator
        ),
        expected=f"{deployer} has the permissions of {names.database_role} and may grant them; the only other member "
        "is the administrator",
        look=f"{psql}: REVOKE {names.database_role} FROM MEMBER; a deploy restores the permissions of {deployer}, "
        "and make bootstrap its permission to grant",
        reads_secrets=True,
    )
    yield Check(
        name="database access",
        run=lambda: admits_no_other_role(
            Login.read(target), allowed=_admitted(target), administrator=target.database_server.administrator
        ),
        expected=f"only {names.database_role}, {deployer}, {planner}, the logins of these two and the administrator "
        f"may connect to {names.database}",
        look=f"{psql}: REVOKE ALL ON DATABASE {names.database} FROM ROLE; make bootstrap lets {planner} connect again",
        reads_secrets=True,
    )


def _admitted(target: Target) -> list[str]:
    """The deployer and the planner, and the two logins that each may have (modules/postgresql/database_login.py)."""
    version = target.environment.database.login_version
    roles = (target.names.database_deployer, target.names.database_planner)
    return [*roles, *(numbered_login(role, number) for role in roles for number in (version - 1, version) if number)]


def has_no_other_member(login: Login, *, deployer: str, administrator: str) -> str:
    """Check that only the deployer and the administrator have the role's permissions. Raises CheckError if not."""
    with login.session() as connection:
        rows = connection.execute(
            "SELECT DISTINCT member::regrole::text, pg_has_role(member, roleid, 'USAGE')"
            " AND pg_has_role(member, roleid, 'SET'), pg_has_role(member, roleid, 'MEMBER WITH ADMIN OPTION')"
            " FROM pg_auth_members WHERE roleid = current_user::regrole ORDER BY 1"
        ).fetchall()
    problems = [f"{member} is a member" for member, _, _ in rows if member not in (deployer, administrator)]
    rights = {member: (has_rights, may_grant) for member, has_rights, may_grant in rows}
    has_rights, may_grant = rights.get(deployer, (False, False))
    problems += [] if has_rights else [f"{deployer} does not have its permissions"]
    problems += [] if may_grant else [f"{deployer} may not grant it"]
    if problems:
        raise CheckError(", ".join(problems))
    return f"{deployer} has the permissions of {login.user}; the only other member is the administrator"


def admits_no_other_role(login: Login, *, allowed: Collection[str], administrator: str) -> str:
    """Check that nobody else may connect. Raises CheckError with every other role that may; superusers always may.

    allowed: the deployer, the planner and their logins, some of which may not exist.
    """
    with login.session() as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE has_database_privilege(oid, current_database(), 'CONNECT')"
            " AND NOT rolsuper AND rolname <> current_user AND rolname <> ALL (%s) ORDER BY 1",
            [[*allowed, administrator]],
        ).fetchall()
    if rows:
        raise CheckError(f"{', '.join(name for (name,) in rows)} may connect")
    return f"only {login.user}, its deployer and planner, and {administrator} may connect to {login.database}"
