"""Scanner findings are accepted by check, place and reason; an exception without a finding is reported."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.scan.exceptions import Exceptions, ExceptionsError
from tools.scan.finding import Finding

ROW: dict[str, Any] = {"scanner": "checkov", "id": "CKV_1", "places": ["prod/*"], "reason": "It is meant so."}


def finding(place: str, id_: str = "CKV_1", scanner: str = "checkov") -> Finding:
    return Finding(scanner=scanner, id=id_, place=place, words="Ensure that it is right")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "exceptions.yaml"


def read(file: Path, rows: object) -> Exceptions:
    file.write_text(yaml.safe_dump(rows), encoding="utf-8")
    return Exceptions.read(file)


def test_only_findings_with_a_row_are_accepted(file: Path) -> None:
    others = [finding("staging/media"), finding("prod/media", id_="CKV_2"), finding("prod/media", scanner="parliament")]
    left, unused = read(file, [ROW]).sort_out([finding("prod/media"), *others])
    assert left == sorted(others)
    assert unused == []


def test_an_unused_pattern_is_reported(file: Path) -> None:
    row = {**ROW, "places": ["prod/*", "staging/*"]}
    assert read(file, [row]).sort_out([finding("prod/media")]) == ([], ["checkov CKV_1 staging/*"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"a": 1}, "holds dict; allowed: a list"),
        (["a"], "row 1 has []; allowed: ['id', 'places', 'reason', 'scanner']"),
        ([ROW, {**ROW, "why": "x"}], "row 2 has ['id', 'places', 'reason', 'scanner', 'why']; allowed"),
        ([{key: ROW[key] for key in ("scanner", "id", "places")}], "row 1 has ['id', 'places', 'scanner']; allowed"),
        ([{**ROW, "places": []}], "row 1: places []; allowed: a list of patterns"),
        ([{**ROW, "places": "*"}], "row 1: places '*'; allowed: a list of patterns"),
        ([{**ROW, "reason": " "}], "row 1: reason ' '; allowed: non-empty text"),
    ],
)
def test_a_row_without_a_reason_or_with_unknown_keys_is_refused(file: Path, rows: object, said: str) -> None:
    with pytest.raises(ExceptionsError) as raised:
        read(file, rows)
    assert said in str(raised.value)


def test_invalid_yaml_is_refused(file: Path) -> None:
    file.write_text("[", encoding="utf-8")
    with pytest.raises(ExceptionsError, match=r"exceptions\.yaml cannot be read"):
        Exceptions.read(file)


def test_the_projects_own_rows_can_be_read() -> None:
    assert Exceptions.read().rows
