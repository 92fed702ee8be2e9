"""Asking for Terraform's full log does not print secret values unless requested explicitly."""

import pytest

from delivery.terraform import log_level


@pytest.mark.parametrize("level", ["DEBUG", "TRACE", "JSON", "trace"])
def test_providers_do_not_log_request_bodies(level: str) -> None:
    variables = {"TF_LOG": level, "TF_LOG_PATH": "log", "HOME": "home"}
    assert log_level.without_values(variables) == {
        "TF_LOG_CORE": level,
        "TF_LOG_PROVIDER": "INFO",
        "TF_LOG_PATH": "log",
        "HOME": "home",
    }
    said = log_level.notice(variables)
    assert said is not None
    assert f"TF_LOG_PROVIDER={level}" in said


@pytest.mark.parametrize(
    "variables",
    [{}, {"TF_LOG": ""}, {"TF_LOG": "INFO"}, {"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "TRACE"}, {"TF_LOG_CORE": "TRACE"}],
    ids=["nothing", "empty", "no bodies", "asked for", "Terraform alone"],
)
def test_variables_that_reveal_no_value_are_unchanged(variables: dict[str, str]) -> None:
    assert log_level.without_values(variables) == variables
    assert log_level.notice(variables) is None
