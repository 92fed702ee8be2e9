"""Every secret value that a local cloud holds."""

import json

from local.aws.clients import AwsClients
from local.seed.account import database_administrator
from local.state import Cloud
from tests.account import SHARED

USERS = ("root", "administrator", "external-secrets")
# Exists whichever tests ran before.
ALWAYS = {
    *(f"key of {user}" for user in USERS),
    "password of the database's administrator",
    f"client-secret of {SHARED.google_oauth_secret}",
    "password of mosaic/prod/rds/credentials",
    "secret-key of mosaic/prod/session/secret-key",
}


def secret_values(cloud: Cloud, aws: AwsClients) -> dict[str, str]:
    """Return every secret value by its description, except values short enough to appear in a text by chance."""
    values = {f"key of {user}": cloud.key(user).secret for user in USERS}
    values["password of the database's administrator"] = database_administrator(aws, SHARED)["password"]
    for listed in aws.secretsmanager.list_secrets()["SecretList"]:
        document = json.loads(aws.secretsmanager.get_secret_value(SecretId=listed["ARN"])["SecretString"])
        for key in ("password", "client-secret", "secret-key"):
            if key in document:
                values[f"{key} of {listed['Name']}"] = document[key]
    found = {name: value for name, value in values.items() if len(value) >= 20}
    assert found.keys() >= ALWAYS
    return found
