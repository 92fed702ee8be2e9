"""Where external-dns records a record's owner."""

import pytest
from pydantic import ValidationError

from environments.schema.external_dns import ExternalDns
from modules.model.selected_settings import SHARED

HOST = "stage.mosaiclife.me"


@pytest.mark.parametrize(
    ("settings", "a", "aaaa"),
    [
        (
            {},
            ("a-stage.mosaiclife.me", "cname-stage.mosaiclife.me", HOST),
            ("aaaa-stage.mosaiclife.me",),
        ),
        (
            {"txt_prefix": "owner-"},
            ("owner-a-stage.mosaiclife.me", "owner-cname-stage.mosaiclife.me", "owner-stage.mosaiclife.me"),
            ("owner-aaaa-stage.mosaiclife.me",),
        ),
        (
            {"txt_prefix": "%{record_type}-owner."},
            ("a-owner.stage.mosaiclife.me", "cname-owner.stage.mosaiclife.me", "-owner.stage.mosaiclife.me"),
            ("aaaa-owner.stage.mosaiclife.me",),
        ),
        (
            {"txt_suffix": "-%{record_type}"},
            ("stage-a.mosaiclife.me", "stage-cname.mosaiclife.me", "stage-.mosaiclife.me"),
            ("stage-aaaa.mosaiclife.me",),
        ),
    ],
)
def test_a_registry_record_has_the_name_external_dns_expects(
    settings: dict[str, str], a: tuple[str, ...], aaaa: tuple[str, ...]
) -> None:
    found = ExternalDns(**settings)
    assert found.registry_names(HOST, "A") == a
    assert found.registry_names(HOST.upper(), "AAAA") == aaaa


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"txt_prefix": "a-", "txt_suffix": "-b"}, "txt_prefix 'a-' and txt_suffix '-b'; allowed: one of the two"),
        ({"txt_prefix": "a b"}, "txt_prefix"),
        ({"owner": ""}, "owner"),
    ],
)
def test_values_external_dns_would_reject_are_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ExternalDns(**settings)


def test_the_owner_is_the_cluster_unless_the_settings_name_another() -> None:
    assert SHARED.external_dns.owner is None
    assert SHARED.dns_owner == SHARED.cluster
    named = SHARED.model_copy(update={"external_dns": ExternalDns(owner="default")})
    assert named.dns_owner == "default"
