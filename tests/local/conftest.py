"""Clients with which these tests query the local cloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube import Client

from local.aws.clients import AwsClients
from local.kubernetes.client import connect
from local.state import Cloud
from tests.cloud import state_of_its_own


@pytest.fixture(scope="session")
def aws(cloud: Cloud) -> AwsClients:
    return cloud.aws()


@pytest.fixture(scope="session")
def kubernetes(cloud: Cloud) -> Client:
    return connect(cloud.kubeconfig)


@pytest.fixture
def empty_state() -> Iterator[Path]:
    """A state folder that local.commands uses during one test."""
    with state_of_its_own() as folder:
        yield folder
