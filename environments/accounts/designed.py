"""The account as it was designed on 2025-11-30, before it was built: production alone is there, made by hand.

It is one of the two accounts that the local cloud can hold (docs/local-cloud.md). Nothing on AWS is like it.
"""

from environments.schema.account import Account
from environments.schema.certificate import Certificate
from environments.schema.database_server import DatabaseServer
from environments.schema.github import GitHub

_PLAIN: dict[str, object] = {"capabilities": (), "parameters": {}, "dropped_permissions": (), "neighbours": ()}

DESIGNED = Account(
    place="environments/accounts/designed.py",
    shared={
        "certificate": Certificate(domain="*.mosaiclife.me"),
        "database_server": DatabaseServer(kind="instance", name="mosaic-prod-db"),
        "github": GitHub(identity_provider="create"),
        # Nobody had planned any; and what bootstrap makes for them takes minutes of each of its clouds.
        "previews": None,
    },
    environments={
        # The names of its database, and of the secret with its login, are the derived ones.
        "prod": {**_PLAIN, "adopt": True, "database": {"name": None, "credentials_path": None}},
        "staging": {**_PLAIN, "adopt": False, "session": {"cookie_name": "mosaic_staging_session"}},
    },
)
