"""The account as it was designed on 2025-11-30, before it was built: production alone is there, made by hand.

It is one of the two accounts that the local cloud can hold (docs/local-cloud.md). Nothing on AWS is like it.
"""

from environments.schema.account import Account
from environments.schema.certificate import Certificate
from environments.schema.database import Database
from environments.schema.database_server import DatabaseServer
from environments.schema.github import GitHub
from environments.schema.settings import Session

_PLAIN: dict[str, object] = {"capabilities": (), "parameters": {}}
# What core-api's migrations ask for; names and the secret's path are the derived ones.
_DATABASE = Database(extensions=("vector", "uuid-ossp", "pg_trgm"))

DESIGNED = Account(
    place="environments/accounts/designed.py",
    shared={
        "certificate": Certificate(domain="*.mosaiclife.me"),
        "database_server": DatabaseServer(kind="instance", name="mosaic-prod-db"),
        "github": GitHub(identity_provider="create"),
    },
    environments={
        "prod": {**_PLAIN, "adopt": True, "database": _DATABASE},
        "staging": {
            **_PLAIN,
            "adopt": False,
            "database": _DATABASE,
            "session": Session(cookie_name="mosaic_staging_session"),
        },
    },
)
