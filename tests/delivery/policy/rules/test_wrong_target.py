"""The rule in wrong_target.py: account and state must belong to the environment."""

from pathlib import Path
from typing import Any

import pytest

from delivery.policy.rules.wrong_target import RULES
from tests.delivery.plan_documents import document, resource, stack
from tests.delivery.policy.guard_command import run

(RULE,) = RULES


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("terraform", "backend", "s3", "bucket"), "terraform.backend.s3 has bucket wrong; allowed: "),
        (
            ("terraform", "backend", "s3", "key"),
            "terraform.backend.s3 has key wrong; allowed: staging/terraform.tfstate",
        ),
        (("terraform", "backend", "s3", "encrypt"), "terraform.backend.s3 has encrypt wrong; allowed: True"),
        (("terraform", "backend"), "terraform.backend is not S3: the state would be kept elsewhere"),
    ],
)
def test_another_environments_stack_is_refused(
    path: tuple[str, ...], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = resource("aws_iam_role", "unchanged", {"name": "r"}, {"name": "r"})
    content = stack("staging", row)
    *above, last = path
    parent = content
    for step in above:
        parent = parent[step]
    parent[last] = "wrong"
    assert run("staging", document(row), content, tmp_path) == 1
    assert_named(expected, capsys)


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (
            {"allowed_account_ids": {"constant_value": ["111122223333"]}},
            "provider.aws has allowed_account_ids ['111122223333']; allowed: ['033691785857']",
        ),
        ({"region": {"references": ["var.region"]}}, "provider.aws has region None; allowed: us-east-1"),
        (
            {"endpoints": [{"s3": {"constant_value": "https://example.com"}}]},
            "provider.aws sends s3 to https://example.com; allowed: no endpoint",
        ),
        (
            {"endpoints": [{"s3": {"constant_value": "http://127.0.0.1:4566"}}]},
            "provider.aws sends s3 to http://127.0.0.1:4566; allowed: no endpoint",
        ),
    ],
)
def test_a_provider_of_another_account_region_or_endpoint_is_refused(
    expressions: dict[str, Any], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = document()
    content["configuration"]["provider_config"]["aws"]["expressions"].update(expressions)
    assert run("staging", content, stack("staging"), tmp_path) == 1
    assert_named(expected, capsys)


def assert_named(expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Check that the rule is broken, with the expected message."""
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"FAIL {RULE.id} ")]
    assert expected in "\n".join(lines)
