"""The Secrets of staging's pods."""

from constructs import Construct

from modules.aws.generated_secret import GeneratedSecret
from modules.kubernetes.environment_secrets import EnvironmentSecrets
from modules.kubernetes.secret_store import SecretStore
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> EnvironmentSecrets:
    names = Names.of(STAGING, SHARED)
    secrets = ApplicationSecrets.of(STAGING, SHARED, names)
    store = SecretStore(
        scope,
        "store",
        name=names.secret_store,
        namespace=names.namespace,
        labels={},
        service_account=names.secret_store_account,
        role_arn=f"arn:aws:iam::{SHARED.account}:role/{names.secret_store_role}",
        region=SHARED.region,
    )
    stored = {
        secret.id: GeneratedSecret(
            scope,
            secret.id,
            name=secret.path,
            version=1,
            fields={},
            random_field="value",
            length=64,
            protected=False,
            adopt=False,
        )
        for secret in secrets.generated
        if secret.id
    }
    return EnvironmentSecrets(
        scope,
        "secrets",
        secrets=secrets,
        namespace=names.namespace,
        labels={},
        store=store,
        stored=stored,
    )
