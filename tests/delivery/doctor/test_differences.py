"""A difference between settings and account is reported by exactly its row, with the fix."""

import pytest

from delivery.doctor.finding import Mark
from tests.delivery.doctor.difference import Difference, cured
from tests.delivery.doctor.environment_differences import DIFFERENCES as ENVIRONMENT
from tests.delivery.doctor.ingress_differences import DIFFERENCES as INGRESS
from tests.delivery.doctor.patient import Patient, Settings, reported
from tests.delivery.doctor.shared_differences import DIFFERENCES as SHARED

DIFFERENCES = (*SHARED, *INGRESS, *ENVIRONMENT)


def test_a_clean_account_has_no_obstacles(patient: Patient) -> None:
    found = patient.examine()
    assert reported(found) == {}
    assert {name: finding.found for name, finding in found.items() if finding.mark is not Mark.OK} == {
        "GitHub's subject": "needs GITHUB_TOKEN"
    }


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[difference.id for difference in DIFFERENCES])
def test_a_difference_is_reported_only_by_its_row_with_the_fix(patient: Patient, difference: Difference) -> None:
    with difference.change(patient):
        settings = difference.settings(Settings())
        found = patient.examine(settings)
        assert reported(found) == {difference.fact: difference.mark}
        remedy = found[difference.fact].remedy
        assert difference.remedy in remedy
        if difference.cures:
            again = patient.examine(cured(settings, remedy), only=difference.fact)
            assert again[difference.fact].mark is Mark.OK


def test_most_facts_have_a_difference() -> None:
    assert len({difference.fact for difference in DIFFERENCES}) >= 25
