"""Any settings result in one of our own errors or in an environment that satisfies every rule."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from environments.schema.catalogue import Catalogue
from environments.schema.formats import parse_quantity
from environments.schema.rules import SettingsError, check
from environments.schema.settings import RESOURCE_KINDS, Environment
from environments.shared import SHARED
from modules.model.names import InvalidNameError, Names
from tests.unit.environments.example import Data, example

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
WORDS = st.from_regex(r"[a-z]{1,12}(-[a-z0-9]{1,12})?", fullmatch=True)
NUMBERS = st.integers(min_value=-2, max_value=1100)
QUANTITIES = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,2})?(m|k|M|Gi|Mi)?", fullmatch=True)
HOSTS = st.lists(WORDS, max_size=3).map(lambda labels: ".".join([*labels, "mosaiclife.me"]))
RESOURCES = st.fixed_dictionaries(
    {f"{kind}_{amount}": QUANTITIES for kind in RESOURCE_KINDS for amount in ("request", "limit")}
)
AUTOSCALING = st.fixed_dictionaries({"minimum": NUMBERS, "maximum": NUMBERS}, optional={"cpu_percent": NUMBERS})
IMAGES = st.fixed_dictionaries(
    {},
    optional={
        "tag": st.from_regex(r"((prod|staging)-)?[0-9a-f]{5,42}|v?[0-9]\.[0-9]\.[0-9]|[\w.-]{1,130}", fullmatch=True),
        "digest": st.from_regex(r"sha256:[0-9a-f]{63,65}", fullmatch=True),
    },
)
# Valid and invalid values of roughly the right type for each field.
NEARLY: Mapping[str, st.SearchStrategy[Any]] = {
    "name": WORDS,
    "stage": WORDS,
    "branch": st.text(max_size=20),
    "protected": st.booleans(),
    "adopt": st.booleans(),
    "web.image": IMAGES,
    "core_api.image": IMAGES,
    "log_level": st.sampled_from(["debug", "info", "trace"]),
    "web.hosts": st.lists(HOSTS, max_size=3).map(tuple),
    "web.replicas": NUMBERS,
    "web.autoscaling": AUTOSCALING,
    "web.minimum_available": NUMBERS,
    "web.ingress_order": NUMBERS,
    "web.resources": RESOURCES,
    "core_api.hosts": st.lists(HOSTS, max_size=3).map(tuple),
    "core_api.replicas": NUMBERS,
    "core_api.ingress_order": NUMBERS,
    "database": st.fixed_dictionaries({"credentials_version": NUMBERS, "extensions": st.tuples(WORDS)}),
    "session.cookie_name": st.text(max_size=70),
    "session.key_version": NUMBERS,
    "media": st.fixed_dictionaries({"infrequent_access_after": NUMBERS}),
    "backups.expire_after": NUMBERS,
    "quota.cpu_requests": QUANTITIES,
    "quota.memory_limits": QUANTITIES,
    "quota.pods": NUMBERS,
}


@st.composite
def _settings(draw: st.DrawFn) -> Data:
    """The example with some fields redrawn, a few of them arbitrary, and sometimes an extra key."""
    data = example()
    fields = draw(st.lists(st.sampled_from(sorted(NEARLY)), max_size=4, unique=True))
    for path in fields:
        *parents, last = path.split(".")
        place = data[parents[0]] if parents else data
        place[last] = draw(ANYTHING if draw(st.integers(0, 9)) == 0 else NEARLY[path])
    if draw(st.integers(0, 19)) == 0:
        data[draw(st.text(max_size=8))] = draw(ANYTHING)
    return data


@pytest.fixture(scope="module")
def others() -> tuple[Environment, ...]:
    return Catalogue().load()


@given(data=_settings())
@settings(max_examples=200)
def test_settings_give_our_own_error_or_a_valid_environment(others: tuple[Environment, ...], data: Data) -> None:
    try:
        environment = Environment.model_validate(data)
        check([*others, environment], SHARED)
        names = Names.of(environment, SHARED)
    except (ValidationError, SettingsError, InvalidNameError) as error:
        event(type(error).__name__)
        return
    event("valid")
    _keeps_every_rule(environment, names)


def _keeps_every_rule(environment: Environment, names: Names) -> None:
    assert all(asdict(names).values())
    assert all(host == "mosaiclife.me" or host.count(".") == 2 for host in environment.hosts)
    assert len(set(environment.hosts)) == len(environment.hosts)
    assert environment.web.ingress_order != environment.core_api.ingress_order
    for workload in (environment.web, environment.core_api):
        assert 1 <= workload.replicas <= workload.largest_replica_count
        assert workload.minimum_available is None or workload.minimum_available < workload.replicas
        if workload.resources:
            assert parse_quantity(workload.resources.cpu_request) <= parse_quantity(workload.resources.cpu_limit)
    assert environment.quota.pods >= environment.web.largest_replica_count + environment.core_api.largest_replica_count
    for image in environment.images.values():
        assert image.tag not in {"", "latest"}
        assert image.tag or image.digest
        assert not environment.protected or image.digest or image.tag not in {"develop", "main"}
    digests = [image.digest for image in environment.images.values() if image.digest]
    assert len(set(digests)) == len(digests)


@given(data=ANYTHING)
def test_data_with_another_structure_is_refused(data: object) -> None:
    with pytest.raises(ValidationError):
        Environment.model_validate(data)
