"""The region of the caller's shell, which this project's own commands ignore."""

import pytest

from delivery.doctor.finding import Mark
from tests.delivery.doctor.patient import Patient, reported


def test_a_different_region_in_the_shell_is_noted(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, "eu-west-1")
    found = patient.examine()
    assert reported(found) == {"region": Mark.NOTE}
    assert found["region"].remedy == "export AWS_REGION=us-east-1"
