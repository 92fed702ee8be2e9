"""Another login reaches the database."""

from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import add, mark, put, remove, replace

_PUBLIC, _ROLE, _DATABASE = (
    "postgresql_grant.database_public",
    "postgresql_role.database_role",
    "postgresql_database.database",
)
_MEMBER = "postgresql_grant_role.database_deployer"
_GRANT = {"database": "core_staging", "object_type": "database", "privileges": ["CONNECT"]}

ATTACKS = tuple(
    attack(title, "staging", "database-access", *edits)
    for title, edits in (
        ("PUBLIC may connect", [put(_PUBLIC, "privileges", ["CONNECT"])]),
        ("PUBLIC may do what is unknown", [mark(_PUBLIC, "privileges", "unknown")]),
        ("PUBLIC may do what is hidden", [put(_PUBLIC, "privileges", ["ALL"]), mark(_PUBLIC, "privileges", "hidden")]),
        ("PUBLIC is no longer kept out", [remove(_PUBLIC)]),
        ("PUBLIC is no longer managed", [remove(_PUBLIC, "forget")]),
        ("the revoke is turned to a schema", [replace(_PUBLIC), put(_PUBLIC, "object_type", "schema")]),
        ("the revoke is turned to another role", [replace(_PUBLIC), put(_PUBLIC, "role", "mosaic_staging")]),
        ("another role may connect", [add("postgresql_grant.x", {**_GRANT, "role": "reporting"})]),
        ("an unknown role may connect", [add("postgresql_grant.x", _GRANT, after_unknown={"role": True})]),
        (
            "another role may connect, imported",
            [add("postgresql_grant.x", {**_GRANT, "role": "reporting"}, imported="a")],
        ),
        (
            "another role may connect, in a module",
            [add("module.m.postgresql_grant.x", {**_GRANT, "role": "reporting"})],
        ),
        (
            "the owner may give its rights away",
            [add("postgresql_grant.x", {**_GRANT, "role": "mosaic_staging", "with_grant_option": True})],
        ),
        (
            "the planner may write",
            [put("postgresql_grant.database_planner_connect", "privileges", ["CONNECT", "TEMPORARY"])],
        ),
        (
            "a new member of the owner",
            [add("postgresql_grant_role.x", {"role": "reporting", "grant_role": "mosaic_staging"})],
        ),
        (
            "the deployer becomes a member of the administrator",
            [add("postgresql_grant_role.x", {"role": "mosaic_staging_deploy", "grant_role": "rds_superuser"})],
        ),
        ("the membership's role is unknown", [mark(_MEMBER, "grant_role", "unknown")]),
        ("the deployer may make members", [put(_MEMBER, "with_admin_option", value=True)]),
        *(
            (f"the role has {power}", [put(_ROLE, power, value=True)])
            for power in ("superuser", "create_database", "create_role", "replication", "bypass_row_level_security")
        ),
        ("the role has an unknown power", [mark(_ROLE, "superuser", "unknown")]),
        ("the role becomes a member", [put(_ROLE, "roles", ["rds_superuser"])]),
        ("the role becomes a member of what is unknown", [mark(_ROLE, "roles", "unknown")]),
        ("the database belongs to another", [put(_DATABASE, "owner", "mosaicadmin")]),
        ("the database's owner is unknown", [mark(_DATABASE, "owner", "unknown")]),
        ("the database may be copied", [put(_DATABASE, "is_template", value=True)]),
        *(
            (f"a {kind}", [add(f"postgresql_{kind}.x", {"database": "core_staging", "name": "x"})])
            for kind in ("function", "schema", "server", "user_mapping", "security_label", "subscription", "extension")
        ),
        (
            "default privileges",
            [add("postgresql_default_privileges.x", {"database": "core_staging", "role": "public", "owner": "a"})],
        ),
    )
)
