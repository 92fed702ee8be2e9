"""What seeded previews are copied from: a database of invented rows, and the role that owns what is in it."""

from collections.abc import Sequence

from cdktf_cdktf_provider_postgresql.grant_role import GrantRole
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

from modules.postgresql.database_template import DatabaseTemplate


class PreviewSeed(Construct):
    """The template of seeded previews, without rows until ``python -m delivery preview seed`` loads some, and its role.

    The role has no login and owns what is in the template. A preview's application becomes a member, and so reads and
    migrates its copy.

    Args:
        name: name of the database and of the role.
        administrator: name of the server's administrator. It owns the database, so that members of the role cannot
            connect to it.
        extensions: extensions to create in it, one or more.
        deployers: references to the roles that deploy previews. Each can make the application's role of its preview a
            member.

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
