"""What an environment's database is copied from: an empty one with the extensions that only an administrator makes."""

from collections.abc import Sequence

from cdktf_cdktf_provider_postgresql.database import Database as PostgresqlDatabase
from cdktf_cdktf_provider_postgresql.extension import Extension
from cdktf_cdktf_provider_postgresql.grant import Grant
from constructs import Construct


class DatabaseTemplate(Construct):
    """An empty database with extensions, which an environment's database is copied from.

    Every role that can create databases can copy it, and only its owner can connect to it. PostgreSQL copies a database
    only while nobody is connected to it.

    Args:
        name: physical name of the database.
        administrator: name of its owner.
        extensions: extensions to create in it, one or more.

    """

    def __init__(self, scope: Construct, id_: str, *, name: str, administrator: str, extensions: Sequence[str]) -> None:
        super().__init__(scope, id_)
        template = PostgresqlDatabase(self, "resource", name=name, owner=administrator, is_template=True)
        # A NULL access list reads as empty, and PUBLIC has its defaults: the first apply takes them away.
        Grant(self, "public", database=template.name, role="public", object_type="database", privileges=[])
        for extension in extensions:
            Extension(self, f"extension-{extension}", name=extension, database=template.name)
