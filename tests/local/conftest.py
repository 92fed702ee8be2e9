"""One local cloud for all of these tests, with the clients that they ask it with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube import Client

from local import kubernetes_seed
from local.aws_clients import AwsClients
from local.state import Cloud
from tests.cloud import running_cloud, state_of_its_own


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    with running_cloud() as started:
        yield started


@pytest.fixture(scope="session")
def aws(cloud: Cloud) -> AwsClients:
    return cloud.aws()


@pytest.fixture(scope="session")
def kubernetes(cloud: Cloud) -> Client:
    return kubernetes_seed.connect(cloud.kubeconfig)


@pytest.fixture
def empty_state() -> Iterator[Path]:
    """A state folder on which local.cloud works during one test."""
    with state_of_its_own() as folder:
        yield folder
