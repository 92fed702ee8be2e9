"""An account of an environment's in which the controllers have made nothing yet."""

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws
from moto.backends import get_backend

from delivery.account.target import Target
from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.verification.ingress.controllers_part import ControllersPart

# What a test wants of the environment: its name, and fields of its settings.
Account = Callable[..., ControllersPart]


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, object]]:
    """Clients of an account, by a target's names for them: making them takes longer than asking."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        with mock_aws():
            target = Target.of(SETTINGS.find("staging"), SHARED, {})
            yield {name: getattr(target, name) for name in ("acm", "ec2", "elbv2", "route53")}


@pytest.fixture
def account(clients: dict[str, object]) -> Account:
    """What makes an account of an environment with these settings."""
    # The network stays: moto takes a while to make one.
    for service in ("elbv2", "route53"):
        get_backend(service).reset()

    def of(name: str = "staging", **values: object) -> ControllersPart:
        settings = SETTINGS.find(name)
        fields = {field: getattr(settings, field) for field in Environment.model_fields}
        target = Target.of(Environment(**{**fields, **values}), SHARED, {})
        target.__dict__.update(clients)
        return ControllersPart(target=target)

    return of
