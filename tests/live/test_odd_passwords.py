"""A password with any characters reaches the pods in a DB_URL that logs in with it."""

import base64
import json
import string
import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from lightkube import ApiError
from lightkube.generic_resource import GenericNamespacedResource, create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Secret
from psycopg import sql

from local.kubernetes.external_secrets import CLUSTER_SECRET_STORE
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.project import Project, Run

pytestmark = pytest.mark.promise("Secrets")
NAMES = Names.of(SETTINGS.find("staging"), SHARED)
ExternalSecret = create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")
DATABASE = "odd_passwords"
# A namespace of its own, with the account's store: staging's store reads only staging's secrets.
NAMESPACE = "odd-passwords"
PASSWORDS = {
    "punctuation": string.punctuation,
    "url": "user:pass@host:5432/db?sslmode=disable#end",
    "percent": "%41%2F%25 100% %",
    "plus": "a+b c  d+ ",
    "quotes": 'it\'s "quoted" `here`',
    "backslash": r"a\b\\n\u0041",
    "shell": "$HOME ${PATH} $(id) $$ !!",
    "template": "{{ .host }} {{/* none */}}",
    "unicode": "ünïcödé ключ 鍵 🔑",
    "spaces": "tab\tand no-break\u00a0space",
    "json": '{"password": null}',
}


@pytest.fixture(scope="module")
def urls(project: Project, deployed: Run) -> Iterator[dict[str, str]]:
    """The DB_URL for each password, rendered by the operator from staging's own template."""
    secrets = project.client("secretsmanager")
    own = project.secret(NAMES.database_credentials)
    model = project.kubernetes.get(ExternalSecret, "database-credentials", namespace=NAMES.namespace)
    with project.administrator() as administrator:
        try:
            project.kubernetes.create(Namespace(metadata=ObjectMeta(name=NAMESPACE)))
            administrator.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            for name, password in PASSWORDS.items():
                administrator.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(_role(name)), sql.Literal(password)
                    )
                )
                fields = {**own, "username": _role(name), "password": password, "dbname": DATABASE}
                secrets.create_secret(Name=_path(name), SecretString=json.dumps(fields))
                project.kubernetes.create(_external_secret(model, name))
            yield {name: _url(project, name) for name in PASSWORDS}
        finally:
            project.kubernetes.delete(Namespace, NAMESPACE)
            for name in PASSWORDS:
                secrets.delete_secret(SecretId=_path(name), ForceDeleteWithoutRecovery=True)
                administrator.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(_role(name))))
            administrator.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(DATABASE)))


@pytest.mark.parametrize("name", PASSWORDS)
def test_a_password_with_odd_characters_logs_in_through_the_db_url_in_the_cluster(
    urls: dict[str, str], name: str
) -> None:
    # The part after the plus is SQLAlchemy's; libpq reads everything else as the driver does.
    url = urls[name].replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, connect_timeout=10) as session:
        assert session.execute("SELECT session_user, current_database()").fetchone() == (_role(name), DATABASE)


@pytest.mark.parametrize("name", PASSWORDS)
def test_sqlalchemy_reads_the_same_password_from_the_db_url(urls: dict[str, str], name: str) -> None:
    """SQLAlchemy reads the same password from the DB_URL: the last @ ends the user part, %XX is decoded, + stays."""
    password = urlsplit(urls[name]).password
    assert password is not None
    assert unquote(password) == PASSWORDS[name]


def _external_secret(model: GenericNamespacedResource, name: str) -> GenericNamespacedResource:
    """Return staging's ExternalSecret for another namespace and another path."""
    data = [{**item, "remoteRef": {**item["remoteRef"], "key": _path(name)}} for item in model["spec"]["data"]]
    target = {**model["spec"]["target"], "name": _secret(name)}
    store = {"kind": "ClusterSecretStore", "name": CLUSTER_SECRET_STORE}
    return ExternalSecret(
        metadata=ObjectMeta(name=_secret(name), namespace=NAMESPACE),
        spec={**model["spec"], "secretStoreRef": store, "data": data, "target": target},
    )


def _url(project: Project, name: str) -> str:
    for _ in range(120):
        try:
            secret = project.kubernetes.get(Secret, _secret(name), namespace=NAMESPACE)
        except ApiError as error:
            if error.status.code != 404:
                raise
            time.sleep(0.5)
            continue
        assert secret.data is not None
        return _decoded(secret.data["DB_URL"])
    raise AssertionError(f"the operator made no Secret {_secret(name)} within a minute")


def _decoded(value: str) -> str:
    return base64.b64decode(value).decode()


def _role(name: str) -> str:
    return f"odd_{name}"


def _secret(name: str) -> str:
    return f"odd-{name}"


def _path(name: str) -> str:
    return f"mosaic/staging/odd/{name}"
