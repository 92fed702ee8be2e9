"""What seeded previews are copied from: a database of invented rows, and the role that owns what is in it."""

from collections.abc import Sequence

from cdktf_cdktf_provider_postgresql.grant_role import GrantRole
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

from modules.postgresql.database_template import DatabaseTemplate


class PreviewSeed(Construct):
    """A template without rows until ``python -m delivery preview seed`` loads some, and its role without a login.

    name: of both. administrator: the server's, who owns the database, so that the role's members do not connect to it.
    extensions: what is in it; one or more. deployers: references to the roles that deploy previews; each may make the
    application's role of its preview a member, which so reads and migrates what its database is a copy of.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        administrator: str,
        extensions: Sequence[str],
        deployers: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        role = Role(self, "role", name=name)
        # Whoever makes a role may grant it, and no more: what loads the rows has to act as it.
        GrantRole(self, "administrator", role=administrator, grant_role=role.name).add_override(
            "lifecycle", {"ignore_changes": ["with_admin_option"]}
        )
        for number, deployer in enumerate(deployers, start=1):
            GrantRole(self, f"deployer-{number}", role=deployer, grant_role=role.name, with_admin_option=True)
        DatabaseTemplate(self, "database", name=name, administrator=administrator, extensions=extensions)
