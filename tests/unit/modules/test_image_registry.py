"""The account's image registry, as its host name describes it."""

import pytest

from environments.applications import WEB
from modules.model.image_registry import EcrRegistry
from modules.model.selected_settings import SHARED


def test_an_ecr_registry_is_recognized_by_its_host_name() -> None:
    registry = EcrRegistry.of(SHARED.image_registry)
    assert registry == EcrRegistry(account=SHARED.account, region=SHARED.region)
    assert registry.repository_arn(WEB.repository) == (
        f"arn:aws:ecr:{SHARED.region}:{SHARED.account}:repository/{WEB.repository}"
    )


@pytest.mark.parametrize("host", ["ghcr.io", "public.ecr.aws", "12.dkr.ecr.us-east-1.amazonaws.com", ""])
def test_another_registry_is_not_ecr(host: str) -> None:
    assert EcrRegistry.of(host) is None
