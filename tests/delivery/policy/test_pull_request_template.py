"""The pull request template does not allow anything by itself, and shows the form of an override."""

import re

from delivery.policy.overrides import Override, Overrides
from modules.model.project import ROOT

TEMPLATE = (ROOT / ".github" / "pull_request_template.md").read_text()
FORM = "plan-guard: allow RULE ENVIRONMENT:ADDRESS because REASON"
FINDING = Override(
    rule="quota",
    environment="staging",
    address="kubernetes_resource_quota_v1.namespace_quota",
    reason="the load test needs 200 pods",
)


def test_the_template_contains_no_override() -> None:
    assert Overrides.of(TEMPLATE) == Overrides()


def test_the_form_is_read_once_filled_in_and_uncommented() -> None:
    assert TEMPLATE.splitlines().count(FORM) == 1
    without_comments = re.sub(r"<!--|-->", "", TEMPLATE)
    words = {"RULE": "rule", "ENVIRONMENT": "environment", "ADDRESS": "address", "REASON": "reason"}
    filled = FORM
    for word, field in words.items():
        filled = filled.replace(word, getattr(FINDING, field))
    assert Overrides.of(without_comments.replace(FORM, filled)) == Overrides(allowed=(FINDING,))


def test_an_unfilled_form_is_reported() -> None:
    assert Overrides.of(re.sub(r"<!--|-->", "", TEMPLATE)).unreadable == (FORM,)


def test_the_documentation_has_the_same_form() -> None:
    assert FORM in (ROOT / "docs" / "plan-guard.md").read_text().splitlines()
