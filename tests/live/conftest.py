"""The project's commands against the test session's local cloud."""

import pytest
from lightkube import Client, KubeConfig

from tests.live.project import Project


@pytest.fixture(scope="session")
def project(cloud_variables: dict[str, str]) -> Project:
    return Project(cloud_variables, Client(KubeConfig.from_file(cloud_variables["KUBECONFIG"])))
