"""The database servers that the settings can describe."""

import pytest
from pydantic import ValidationError

from environments.schema.database_server import DatabaseServer
from modules.model.selected_settings import settings_of
from tests.unit.environments.example import Data

GOOD: Data = {"kind": "instance", "name": "mosaic-prod-db"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": "cluster", "name": "mosaic-prod-aurora"},
        {"administrator_secret": "mosaic/prod/rds/credentials"},
        {"administrator_secret": None},
    ],
)
def test_valid_servers_are_accepted(changes: Data) -> None:
    DatabaseServer.model_validate({**GOOD, **changes})


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("kind", "aurora", "'instance' or 'cluster'"),
        ("name", "mosaic-prod-db.abc.us-east-1.rds.amazonaws.com", "neither an ARN nor a host name"),
        ("name", "arn:aws:rds:us-east-1:033691785857:db:mosaic-prod-db", "such as mosaic-prod-db"),
        ("name", "mosaic--db", "single inner hyphens"),
        ("name", "a" * 64, "at most 63 characters"),
        # A named secret must have a path.
        ("administrator_secret", "", "1 to 512 of A-Z a-z 0-9 / _ + = . @ -, such as mosaic/prod/rds/credentials"),
        ("administrator_secret", "a secret", "1 to 512"),
        ("administrator_secret", True, "should be a valid string"),
    ],
)
def test_invalid_servers_are_refused(field: str, value: object, allowed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        DatabaseServer.model_validate({**GOOD, field: value})
    (problem,) = raised.value.errors()
    assert (problem["loc"], problem["input"]) == ((field,), value)
    assert allowed in problem["msg"]


@pytest.mark.parametrize(
    ("account", "expected", "title"),
    [
        (
            "built",
            ("cluster", "aurora-postgresql", "mosaic/prod/rds/credentials"),
            "Aurora cluster mosaic-prod-aurora",
        ),
        ("designed", ("instance", "postgres", None), "RDS instance mosaic-prod-db"),
    ],
)
def test_each_accounts_server(account: str, expected: tuple[str, str, str | None], title: str) -> None:
    """An Aurora cluster with the administrator's login in a secret, and an instance with a login managed by RDS."""
    server = settings_of(account).shared.database_server
    assert (server.kind, server.engine, server.administrator_secret) == expected
    assert server.title == title
