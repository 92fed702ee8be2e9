"""A finished migration stores its revision in its database, once for each pod."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from lightkube import Client
from lightkube.models.batch_v1 import JobSpec
from lightkube.models.core_v1 import Container, EnvVar, EnvVarSource, PodSpec, PodTemplateSpec, SecretKeySelector
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Namespace, Secret

from local.aws.clients import AwsClients
from local.kubernetes.migration_player.program import COMPONENT, revision_of
from local.seed.account import database_administrator
from local.state import Cloud
from tests.account import SHARED

SPACE = "migration-test"
PATIENCE_SECONDS = 60


@pytest.mark.parametrize(
    ("image", "revision"),
    [
        ("registry.example:5000/core-api:staging-80d2e05", "staging-80d2e05"),
        ("registry.example:5000/core-api@sha256:" + "0123456789abcdef" * 4, "0123456789abcdef" * 2),
    ],
)
def test_revision_comes_from_the_image(image: str, revision: str) -> None:
    assert revision_of(image) == revision


@pytest.fixture
def connect(cloud: Cloud, aws: AwsClients) -> Callable[[str], psycopg.Connection]:
    """Opens a session as the administrator in a database."""
    administrator = database_administrator(aws, SHARED)

    def log_in(database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=cloud.database_host,
            port=cloud.database_port,
            user=administrator["username"],
            password=administrator["password"],
            dbname=database,
            autocommit=True,
        )

    return log_in


@pytest.fixture
def database(
    cloud: Cloud, kubernetes: Client, connect: Callable[[str], psycopg.Connection]
) -> Iterator[Callable[[], None]]:
    """Recreates the database, with a role and a Secret of its own that lead to it."""
    url = f"postgresql+psycopg://migrated:it%2Fs@{cloud.database_host}:{cloud.database_port}/migrated?sslmode=require"
    with closing(connect("postgres")) as administrator:
        administrator.execute("CREATE ROLE migrated LOGIN PASSWORD 'it/s'")
        administrator.execute("GRANT migrated TO CURRENT_USER")
        kubernetes.create(Namespace(metadata=ObjectMeta(name=SPACE)))
        kubernetes.create(
            Secret(metadata=ObjectMeta(name="database-credentials", namespace=SPACE), stringData={"DB_URL": url})
        )

        def make() -> None:
            administrator.execute("DROP DATABASE IF EXISTS migrated WITH (FORCE)")
            administrator.execute("CREATE DATABASE migrated OWNER migrated")

        yield make
        administrator.execute("DROP DATABASE migrated WITH (FORCE)")
        administrator.execute("DROP ROLE migrated")
    kubernetes.delete(Namespace, SPACE)


def test_each_finished_pod_writes_its_revision_once(
    kubernetes: Client, database: Callable[[], None], connect: Callable[[str], psycopg.Connection]
) -> None:
    database()
    migrate(kubernetes, "first")
    assert revision_after(connect, lambda found: found == "first") == "first"
    # A migration that ran before does not count for the new database.
    database()
    time.sleep(3)
    assert revision(connect) is None
    migrate(kubernetes, "second")
    assert revision_after(connect, lambda found: found is not None) == "second"


def migrate(kubernetes: Client, tag: str) -> None:
    reference = EnvVarSource(secretKeyRef=SecretKeySelector(name="database-credentials", key="DB_URL"))
    container = Container(
        name="main", image=f"example.org/core-api:{tag}", env=[EnvVar(name="DB_URL", valueFrom=reference)]
    )
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels=COMPONENT), spec=PodSpec(containers=[container], restartPolicy="Never")
    )
    kubernetes.create(Job(metadata=ObjectMeta(name=tag, namespace=SPACE), spec=JobSpec(template=template)))


def revision(connect: Callable[[str], psycopg.Connection]) -> str | None:
    with closing(connect("migrated")) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
        return str(row[0]) if row else None


def revision_after(connect: Callable[[str], psycopg.Connection], enough: Callable[[str | None], bool]) -> str | None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not enough(found := revision(connect)) and time.monotonic() < give_up:
        time.sleep(0.2)
    return found
