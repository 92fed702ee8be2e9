"""A registry without images, and an environment that asks it."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from delivery.images.registry import ImageRegistry
from modules.model.selected_settings import SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.images.registry_contents import RegistryContents


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        with mock_aws():
            yield boto3.Session(region_name=SHARED.region)


@pytest.fixture
def contents(session: boto3.Session) -> RegistryContents:
    return RegistryContents(session.client("ecr"))


@pytest.fixture
def registry(session: boto3.Session, contents: RegistryContents) -> ImageRegistry:
    return ImageRegistry(session, SHARED)
