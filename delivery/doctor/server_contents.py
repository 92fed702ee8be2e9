"""The contents of the database server that matter for an environment's deploy."""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, kw_only=True)
class ServerContents:
    """A database server as its administrator sees it.

    public: PUBLIC may connect to the database ``postgres``. extensions: those that can be created. owner: of the
    environment's database; None if there is none. has_role: the environment's login exists.
    """

    public: bool
    extensions: frozenset[str]
    owner: str | None
    has_role: bool

    @classmethod
    def read(cls, connection: psycopg.Connection, *, database: str, role: str) -> "ServerContents":
        """Query the server. database, role: the environment's. Raises psycopg.Error."""
        row = connection.execute(
            "SELECT exists(SELECT FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a"
            " WHERE d.datname = 'postgres' AND a.grantee = 0 AND a.privilege_type = 'CONNECT'),"
            " array(SELECT name::text FROM pg_available_extensions),"
            " (SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s),"
            " exists(SELECT FROM pg_roles WHERE rolname = %s)",
            [database, role],
        ).fetchone()
        assert row is not None  # noqa: S101 a query of expressions has one row
        public, extensions, owner, has_role = row
        return cls(public=public, extensions=frozenset(extensions), owner=owner, has_role=has_role)
