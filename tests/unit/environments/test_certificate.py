"""Which certificate the settings can name, and which hosts it covers."""

import pytest
from pydantic import ValidationError

from environments.schema.certificate import Certificate, uncovered
from environments.schema.rules import SettingsError, check
from environments.schema.settings import Shared
from environments.shared import SHARED
from tests.unit.environments.example import Data, environment

ARN = f"arn:aws:acm:{SHARED.region}:{SHARED.account}:certificate/0123-4567"


@pytest.mark.parametrize("settings", [{"domain": "a.example"}, {"domain": "*.a.example"}, {"arn": ARN}])
def test_valid_certificate_identifiers(settings: Data) -> None:
    Certificate.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "domain None and arn None; allowed: one of the two, domain='*.example.com'"),
        ({"domain": "a.example", "arn": ARN}, "; allowed: one of the two"),
        ({"arn": "certificate/1"}, "'certificate/1' is not the ARN of a certificate; allowed: arn:aws:acm:REGION:"),
        ({"domain": "*"}, "two or more labels"),
        ({"domain": "a.example", "names": ("*.*.a.example",)}, "inner hyphens"),
    ],
)
def test_invalid_certificate_identifiers(settings: Data, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Certificate.model_validate(settings)
    (problem,) = raised.value.errors()
    assert message in problem["msg"]


def test_a_certificate_of_another_region_is_refused() -> None:
    arn = f"arn:aws:acm:eu-central-1:{SHARED.account}:certificate/0123-4567"
    with pytest.raises(
        ValidationError, match=rf"certificate.arn '{arn}' belongs to another region or account; allowed: "
    ):
        Shared.model_validate({**SHARED.model_dump(), "certificate": {"arn": arn}})


def test_every_name_on_it_counts() -> None:
    names = ("a.example", "*.a.example", "*.b.a.example")
    assert uncovered(["a.example", "x.a.example", "x.b.a.example", "x.y.a.example", "c.example"], names) == [
        "x.y.a.example",
        "c.example",
    ]


def test_hosts_are_judged_by_names_added_in_the_settings() -> None:
    deep = environment({"web.hosts": ("x.deep.mosaiclife.me",)})
    with pytest.raises(SettingsError, match=r"'x.deep.mosaiclife.me' is not covered by the certificate"):
        check([deep], SHARED)
    more = {"domain": "mosaiclife.me", "names": ("*.deep.mosaiclife.me",)}
    check([deep], Shared.model_validate({**SHARED.model_dump(), "certificate": more}))
