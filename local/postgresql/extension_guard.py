"""Lets only RDS's administrator create extensions that PostgreSQL reserves for superusers.

RDS has its own PostgreSQL, which knows the role rds_superuser. Here such an extension is marked as trusted in its
control file (local/postgresql/packaged_server.py). PostgreSQL also lets the owner of a database create a trusted
extension: an event trigger refuses that to roles that are not members of rds_superuser.
"""

import subprocess
from pathlib import Path

from local.postgresql.installation import Installation
from local.runtime.errors import LocalCloudError
from local.runtime.process_user import process_user

# A new database is a copy of the first or the second; `initdb` has already copied the third.
_DATABASES = ("template0", "template1", "postgres")
# The function is in pg_catalog, so that it is not listed among a database's own. An empty line ends a statement.
_SQL = """\
CREATE FUNCTION pg_catalog.rds_extension_guard() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    refused text;
BEGIN
    SELECT object_identity INTO refused FROM pg_event_trigger_ddl_commands()
        WHERE object_type = 'extension' AND object_identity IN ('vector')
        AND NOT EXISTS (SELECT FROM pg_roles WHERE rolsuper AND rolname = current_user)
        AND NOT EXISTS (
            SELECT FROM pg_roles WHERE rolname = 'rds_superuser' AND pg_has_role(current_user, oid, 'USAGE')
        );
    IF FOUND THEN
        RAISE EXCEPTION 'permission denied to create extension "%"', refused
            USING ERRCODE = 'insufficient_privilege', HINT = 'Must be rds_superuser to create this extension.';
    END IF;
END
$$;

CREATE EVENT TRIGGER rds_extension_guard ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION pg_catalog.rds_extension_guard();

"""


def install_extension_guard(installation: Installation, data: Path) -> None:
    """Add the guard to every database of a data folder that ``initdb`` has just created and no server uses.

    It uses PostgreSQL's single-user mode, the only one that opens template0, which Terraform's provider copies.

    Raises:
        LocalCloudError: the server refused; the message says why.

    """
    for database in _DATABASES:
        result = subprocess.run(
            [
                installation.binaries / "postgres",
                *("--single", "-j", "-D", data),
                # To add to pg_catalog, and to stop on an error.
                *("-c", "allow_system_table_mods=on", "-c", "exit_on_error=on"),
                database,
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            input=_SQL,
            **process_user(installation.user),
            encoding="utf-8",
        )
        if result.returncode != 0:
            raise LocalCloudError(f"{database} was not prepared, exit code {result.returncode}:\n{result.stderr}")
