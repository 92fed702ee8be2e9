"""Finds an existing database and its role."""

from delivery.recovery.error import RecoveryError
from delivery.recovery.search import Found, Search
from delivery.recovery.stack import Body


def role(search: Search, body: Body) -> Found | None:
    """The login of this name; one with more privileges than ours, or with another database, is not ours."""
    name = body["name"]
    rows = search.rows(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls,"
        " (SELECT string_agg(datname, ', ' ORDER BY datname) FROM pg_database WHERE datdba = r.oid AND datname <> %s)"
        " FROM pg_roles r WHERE rolname = %s",
        search.target.names.database,
        name,
    )
    if not rows:
        return None
    ((powerful, databases),) = rows
    if powerful or databases:
        why = f"it owns {databases}" if databases else "it may do more than an environment's login"
        raise RecoveryError(f"database role {name} exists and is not {search.target.environment.name}'s: {why}")
    return Found(id=name, name=name)


def database(search: Search, body: Body) -> Found | None:
    """The database of this name; its role must own it."""
    name, owner = body["name"], search.target.names.database_role
    rows = search.rows("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s", name)
    if not rows:
        return None
    if rows[0][0] != owner:
        raise RecoveryError(
            f"database {name} exists and is not {search.target.environment.name}'s: its owner is {rows[0][0]}, "
            f"not {owner}"
        )
    return Found(id=name, name=name)
