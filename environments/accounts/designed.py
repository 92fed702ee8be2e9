"""The account as it was designed on 2025-11-30, before it was built: only production exists, created by hand.

It is one of the two accounts that the local cloud can hold (docs/local-cloud.md). No account on AWS is like it.
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
        # The design had none, and what bootstrap creates for them takes minutes on each of its clouds.
        "previews": None,
    },
    environments={
        # Its database, and the secret with its login, have the derived names.
        "prod": {**_PLAIN, "adopt": True, "database": {"name": None, "credentials_path": None}},
        "staging": {**_PLAIN, "adopt": False, "session": {"cookie_name": "mosaic_staging_session"}},
    },
)
