"""GitHub's identities in the account: ids, subject formats, and valid combinations."""

import pytest
from pydantic import ValidationError

from environments.schema.github import GitHub
from environments.schema.settings import Shared
from environments.shared import SHARED
from tests.unit.environments.example import Data

IDS = {"owner_id": 188463562, "repository_id": 1029384756}
REPOSITORY = "mosaic-stories/platform"
OLD = "repo:mosaic-stories/platform:environment:prod"
NEW = "repo:mosaic-stories@188463562/platform@1029384756:environment:prod"


@pytest.mark.parametrize(
    ("settings", "subjects"),
    [
        ({}, [OLD]),
        ({"subject": "names", **IDS}, [OLD]),
        ({"subject": "immutable", **IDS}, [NEW]),
        ({"subject": "both", **IDS}, [OLD, NEW]),
    ],
)
def test_subjects_by_form(settings: Data, subjects: list[str]) -> None:
    assert GitHub.model_validate(settings).subjects(REPOSITORY, "environment:prod") == subjects


@pytest.mark.parametrize("field", ["owner_id", "repository_id"])
@pytest.mark.parametrize("value", ["188463562", "mosaic-stories", 0, -1, 1.5, True])
def test_an_id_that_is_not_a_number_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as raised:
        Shared.model_validate({**SHARED.model_dump(), "github": {**IDS, field: value}})
    (problem,) = raised.value.errors()
    assert (problem["loc"], problem["input"]) == (("github", field), value)
    assert f"{value!r} is not a GitHub id; allowed: a whole number such as 188463562" in problem["msg"]


@pytest.mark.parametrize("missing", [("owner_id",), ("repository_id",), ("owner_id", "repository_id")])
@pytest.mark.parametrize("subject", ["immutable", "both"])
def test_an_immutable_subject_needs_both_ids(subject: str, missing: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match=rf"subject '{subject}' with .*; allowed: both ids, or subject 'names'"):
        GitHub.model_validate({"subject": subject, **{key: IDS[key] for key in IDS if key not in missing}})


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("subject", "ids", "'names', 'immutable' or 'both'"),
        ("identity_provider", "read", "'create' or 'existing'"),
    ],
)
def test_other_choices_are_refused(field: str, value: str, allowed: str) -> None:
    with pytest.raises(ValidationError, match=allowed):
        GitHub.model_validate({field: value})
