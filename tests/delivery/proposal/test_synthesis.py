"""Synthesis uses the given settings and no others."""

import pytest

from delivery.proposal.error import ProposalError
from delivery.proposal.synthesis import synthesize
from environments.schema.document import SettingsDocument
from modules.model.selected_settings import SETTINGS
from tests.delivery.proposal.conftest import Stack

BASE = SettingsDocument.of(SETTINGS)


def test_this_checkouts_settings_give_its_stacks(stacks: dict[str, Stack]) -> None:
    assert synthesize(BASE, ("bootstrap", *SETTINGS.names())) == stacks


def test_other_settings_give_other_stacks(stacks: dict[str, Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    # The caller's choice of settings and environment is ignored.
    monkeypatch.setenv("MOSAIC_SETTINGS", "/nonexistent")
    monkeypatch.setenv("MOSAIC_ENVIRONMENT", "prod")
    web = {"replicas": 2}
    environments = tuple(each.changed({"web": web}) if each.name == "staging" else each for each in BASE.environments)
    made = synthesize(SettingsDocument(shared=BASE.shared, environments=environments), ["staging", "bootstrap"])
    deployment = made["staging"]["resource"]["kubernetes_deployment_v1"]["web_deployment"]
    assert deployment["spec"]["replicas"] == "2"
    assert made["bootstrap"] == stacks["bootstrap"]


def test_an_unknown_name_is_refused() -> None:
    known = ", ".join(["bootstrap", *(environment.name for environment in BASE.environments)])
    with pytest.raises(ProposalError, match=f"'nowhere' is not a stack of these settings; allowed: {known}"):
        synthesize(BASE, ["nowhere"])


def test_settings_that_break_a_rule_are_refused_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    # Masked like a secret in a log.
    monkeypatch.setenv("MY_TOKEN", "ingress_order")
    environments = tuple(each.changed({"web": {"ingress_order": 7}}) for each in SETTINGS.lasting())
    with pytest.raises(ProposalError) as raised:
        synthesize(SettingsDocument(shared=BASE.shared, environments=environments), ["staging"])
    assert str(raised.value).startswith("main.py ended with 1: these settings produce no stack\nerror: (sensitive")
    assert "7 is used by prod and by staging" in str(raised.value)
    assert "ingress_order" not in str(raised.value)
