"""How Terraform's PostgreSQL provider logs in to the database server: over TLS, not as a superuser."""

from cdktf_cdktf_provider_postgresql.provider import PostgresqlProvider

from modules.base.terraform import ReadableStack

_CONNECT_SECONDS = 15


def add_postgresql_provider(
    stack: ReadableStack, *, host: str, port: str, username: str, password: str, acts_as: str | None = None
) -> None:
    """Use a server. host, port, username, password: bare expressions; the last two may be ephemeral.

    acts_as: the role that the login acts as from its first statement on, if that is not the login itself.
    """
    PostgresqlProvider(
        stack,
        "postgresql",
        host=f"${{{host}}}",
        username=f"${{{username}}}",
        password=f"${{{password}}}",
        # Otherwise the provider gives a deleted role's objects to the login, which the role may not do.
        database_username=acts_as,
        sslmode="require",
        # Even the administrator of an RDS server is not a superuser; without this the provider would act as one.
        superuser=False,
        connect_timeout=_CONNECT_SECONDS,
    ).add_override("port", f"${{{port}}}")
    stack.require("postgresql")
