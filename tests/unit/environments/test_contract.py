"""Validation of the applications' contract, and of an environment's use of it."""

import re
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from environments.applications import CAPABILITIES, CORE_API
from environments.schema.connection import Connection
from environments.schema.contract import FIELDS, Application, ApplicationSecret, Capability
from environments.schema.rules import SettingsError, check
from environments.shared import SHARED
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets, contract_of, version_of
from modules.model.values import field_values
from tests.unit.environments.example import Data, environment


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"capabilities": ("email",)},
            "test.capabilities: 'email' is unknown; allowed: ses, bedrock, bedrock-guardrail, marketplace, sns, sqs, "
            "neptune, litellm, litellm-key, metrics (environments/applications.py)",
        ),
        (
            {"capabilities": ("sns", "sns")},
            "test.capabilities: 'sns' is listed 2 times; allowed: once",
        ),
        (
            {"capabilities": ("neptune",)},
            "test.parameters: 'neptune_cluster' is missing; allowed: a value, because capabilities has 'neptune'",
        ),
        (
            {"parameters": {"guardrail_id": "abc"}},
            "test.parameters: 'guardrail_id' belongs to no capability of this environment; allowed: none",
        ),
        (
            {"capabilities": ("ses",), "parameters": {"ses_from_email": "a@mosaiclife.me", "ses": "x"}},
            "test.parameters: 'ses' belongs to no capability of this environment; allowed: ses_from_email",
        ),
    ],
)
def test_an_invalid_capability_gives_one_message(changes: Data, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check([environment(changes)], SHARED)
    assert str(raised.value) == message


@pytest.mark.parametrize("value", ["", "a b", "a*", "${x}", "a" * 513, 1])
def test_an_invalid_parameter_is_refused(value: object) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({"parameters": {"guardrail_id": value}})
    assert raised.value.errors()[0]["loc"] == ("parameters", "guardrail_id")


def test_nothing_is_on_by_default() -> None:
    assert environment().capabilities == ()


def _application(**changes: object) -> Application:
    return Application.model_validate(
        {**{field: getattr(CORE_API, field) for field in type(CORE_API).model_fields}, **changes}
    )


SECRET: Data = {"name": "a", "path": "a/{environment}", "properties": {"a": "a"}, "chart_value": "a"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: _application(variables={"A": "{host_name}"}, required=()),
            "{host_name} is not a field; allowed: account, api_host",
        ),
        (lambda: _application(variables={}), "core-api does not start without SESSION_SECRET_KEY; allowed: each of"),
        (lambda: Capability(name="a", variables={"A": "{b}"}), "{b} is not a field; allowed: account"),
        (lambda: Connection(direction="in", peer="vpc", port=1), "would admit every other environment; allowed: out"),
        (lambda: Connection(direction="out", peer="load balancer", port=1), "own addresses; allowed: in"),
        (lambda: Connection(direction="out", peer="namespace", port=1), "namespace is None with peer='namespace'"),
        (lambda: ApplicationSecret(**SECRET, origin="random"), "allowed: for what this stack generates, both"),
        (lambda: ApplicationSecret(**SECRET, id="a", version="a"), "allowed: for what this stack generates, both"),
        (
            lambda: ApplicationSecret(**{**SECRET, "path": "{region}"}, origin="random", id="a", version="a.b"),
            "a is random; allowed: one property, and a path of {project}, {environment}",
        ),
    ],
)
def test_an_invalid_contract_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        make()


def test_every_field_has_a_value() -> None:
    settings = environment()
    assert set(field_values(settings, SHARED, Names.of(settings, SHARED))) == FIELDS


def test_an_environment_setting_rotates_every_generated_secret() -> None:
    settings = environment()
    assert [version_of(settings, secret.version) for secret in contract_of(settings) if secret.version] == [1, 1, 1]
    with pytest.raises(TypeError, match=r"the setting 'session' is .*; allowed: one that holds a version"):
        version_of(settings, "session")


def test_a_reference_to_a_missing_secret_is_refused() -> None:
    settings = environment()
    secrets = ApplicationSecrets.of(settings, SHARED, Names.of(settings, SHARED))
    with pytest.raises(ValueError, match=r"there is no Secret 'neptune-connection'; allowed: \['database-credentials'"):
        secrets.key("neptune-connection", "host")


def test_capabilities_have_unique_names_and_parameters() -> None:
    names = [capability.name for capability in CAPABILITIES]
    assert len(set(names)) == len(names)
    assert not {parameter for capability in CAPABILITIES for parameter in capability.parameters} & FIELDS
