"""Makes the environment's role the owner of an adopted database and everything in it.

Terraform can change the owner of a database, but not of the objects in it. No row changes. The administrator keeps its
access because it becomes a member of the new owner.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from delivery.account.administrator import log_in_as_administrator
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.adoption.error import AdoptionError
from environments.schema.catalogue import file_of

# Each ALTER waits for current users of the object and blocks later ones, so a long wait would stop the application.
_LOCK_SECONDS = 5
# PostgreSQL's object types for which ALTER needs another keyword.
_KEYWORDS = {
    "aggregate": "ROUTINE",
    "function": "ROUTINE",
    "procedure": "ROUTINE",
    "statistics object": "STATISTICS",
}
# pg_shdepend lists every owner except the server's own superuser, whose objects are part of the server.
# Excluded: members of an extension, which the administrator keeps; sequences of a column, which follow their table; and
# whatever belongs to a login but cannot be owned by another one.
_OWNED_BY_OTHERS = """
    SELECT object.type, object.identity, pg_get_userbyid(owned.refobjid)
    FROM pg_shdepend AS owned, pg_identify_object(owned.classid, owned.objid, 0) AS object
    WHERE owned.deptype = 'o' AND owned.objsubid = 0 AND owned.refclassid = 'pg_authid'::regclass
    AND owned.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND owned.refobjid IS DISTINCT FROM to_regrole(quote_ident(%(role)s))::oid
    AND owned.classid::regclass <> ALL (
        '{pg_extension,pg_default_acl,pg_user_mapping,pg_event_trigger}'::regclass[]
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend AS needs
        WHERE needs.classid = owned.classid AND needs.objid = owned.objid AND needs.objsubid = 0
        AND (needs.deptype = 'e' OR (
            object.type = 'sequence' AND needs.deptype IN ('a', 'i')
            AND needs.refclassid = 'pg_class'::regclass AND needs.refobjsubid > 0
        ))
    )
    ORDER BY object.type <> 'schema', object.type, object.identity
"""
_OWNER_OF_DATABASE = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True, kw_only=True)
class _Object:
    kind: str
    identity: str  # as PostgreSQL quotes it
    owner: str


class DatabaseOwnership:
    """The step that makes the environment's role the owner of the database, its schemas and their objects."""

    title = "database ownership"

    def changes(self, target: Target) -> list[str]:
        """Return the planned changes, one line for each kind of object and owner. Raises AdoptionError."""
        if not target.environment.adopts("database"):
            return []
        with _transaction(target) as transaction:
            return list(transaction.lines())

    def apply(self, target: Target) -> None:
        """Apply the changes in one transaction, all or nothing. Raises AdoptionError."""
        with _transaction(target) as transaction:
            transaction.apply()


@contextmanager
def _transaction(target: Target) -> Iterator["_Transaction"]:
    names = target.names
    try:
        with log_in_as_administrator(target, application="adopt", database=names.database) as connection:
            yield _Transaction(target, connection)
    except LoginError as error:
        raise AdoptionError(str(error)) from None
    except psycopg.errors.LockNotAvailable:
        raise AdoptionError(
            f"an object of {names.database} was in use for more than {_LOCK_SECONDS} seconds; nothing has changed: "
            "run it again at a quieter time"
        ) from None
    except psycopg.Error as error:
        raise AdoptionError(f"{names.database} refuses, and nothing has changed: {error}") from None


class _Transaction:
    """The administrator's view of the database, and its changes. Raises AdoptionError if it can never work."""

    def __init__(self, target: Target, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._role = target.names.database_role
        self._database = target.names.database
        self._administrator = str(self._row("SELECT current_user")[0])
        self._refuse_the_administrator(target)
        self._has_role = bool(self._rows("SELECT FROM pg_roles WHERE rolname = %s", self._role))
        if not self._has_role and not target.environment.adopts("database-role"):
            raise AdoptionError(
                f'adopt has "database" without "database-role", and there is no role {self._role} that could own '
                f"{self._database}; allowed: both ({file_of(target.environment.name)})"
            )

    def lines(self) -> Iterator[str]:
        """Say what ``apply`` would do."""
        role, administrator = self._role, self._administrator
        if not self._has_role:
            yield f"create the role {role}; the next deploy lets it log in, with a password of its own"
        if not self._is_member:
            yield f"grant {role} to {administrator}, so that whatever runs as {administrator} keeps working"
        if self._owner != role:
            yield f"transfer the database {self._database} from {self._owner} to {role}"
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        objects = self._objects()
        self._owners_to_join(objects)
        for each in objects:
            groups[each.kind, each.owner].append(each.identity)
        for (kind, owner), identities in groups.items():
            yield f"transfer to {role}, from {owner}: {kind} {', '.join(identities)}"

    def apply(self) -> None:
        """Apply the changes; the caller commits or rolls back."""
        role, administrator = sql.Identifier(self._role), sql.Identifier(self._administrator)
        self._do(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{_LOCK_SECONDS}s")))
        if not self._has_role:
            self._do(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        if not self._is_member:
            # Since PostgreSQL 16, a role's creator may grant it, but can neither act as it nor use what it owns.
            self._do(sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET TRUE").format(role, administrator))
        if self._owner != self._role:
            self._do(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(self._database), role))
        objects = self._objects()
        joined = [(sql.Identifier(owner), self._is_granted(owner)) for owner in self._owners_to_join(objects)]
        for owner, _ in joined:
            self._do(sql.SQL("GRANT {} TO {} WITH INHERIT TRUE").format(owner, administrator))
        for each in objects:
            keyword = _KEYWORDS.get(each.kind, each.kind.upper())
            self._do(f"ALTER {keyword} {each.identity} OWNER TO {role.as_string(self._connection)}".encode())
        for owner, was_granted in joined:
            part = sql.SQL("INHERIT OPTION FOR " if was_granted else "")
            self._do(sql.SQL("REVOKE {}{} FROM {}").format(part, owner, administrator))

    @property
    def _is_member(self) -> bool:
        """Whether the administrator inherits the role's privileges and may act as it."""
        rows = self._rows(
            "SELECT FROM pg_roles WHERE rolname = %s"
            " AND pg_has_role(current_user, oid, 'USAGE') AND pg_has_role(current_user, oid, 'SET')",
            self._role,
        )
        return bool(rows)

    @property
    def _owner(self) -> str:
        return str(self._row(_OWNER_OF_DATABASE)[0])

    def _objects(self) -> list[_Object]:
        rows = self._connection.execute(_OWNED_BY_OTHERS, {"role": self._role}).fetchall()
        return [_Object(kind=kind, identity=identity, owner=owner) for kind, identity, owner in rows]

    def _owners_to_join(self, objects: Sequence[_Object]) -> list[str]:
        """The owners that the administrator must join temporarily. Raises AdoptionError if it cannot."""
        owners = {each.owner: each for each in objects}
        found = []
        for owner, example in owners.items():
            usage, may_grant = self._row(
                "SELECT pg_has_role(current_user, %s, 'USAGE'),"
                " pg_has_role(current_user, %s, 'USAGE WITH ADMIN OPTION')",
                owner,
                owner,
            )
            if usage:
                continue
            if not may_grant:
                raise AdoptionError(
                    f"{example.kind} {example.identity} belongs to {owner}, a role that {self._administrator} can "
                    f"neither use nor grant; allowed: GRANT {owner} TO {self._administrator}, by a role that may do so"
                )
            found.append(owner)
        return found

    def _is_granted(self, owner: str) -> bool:
        """Whether the administrator had already granted itself this role; that membership is kept, without INHERIT."""
        rows = self._rows(
            "SELECT FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = %s"
            " AND member = current_user::regrole AND grantor = current_user::regrole",
            owner,
        )
        return bool(rows)

    def _refuse_the_administrator(self, target: Target) -> None:
        if self._role == self._administrator:
            raise AdoptionError(
                f"database.role {self._role!r} is the database server's administrator; allowed: another role, which "
                f"this creates ({file_of(target.environment.name)})"
            )

    def _rows(self, query: str, *parameters: str) -> list[tuple[object, ...]]:
        return self._connection.execute(query.encode(), parameters).fetchall()

    def _row(self, query: str, *parameters: str) -> tuple[object, ...]:
        (row,) = self._rows(query, *parameters)
        return row

    def _do(self, statement: sql.Composed | bytes) -> None:
        self._connection.execute(statement)
