"""An account other than the one in the settings: its differences are validated like any setting."""

import pytest

from environments.schema.account import Account
from environments.schema.database import Database
from environments.schema.rules import SettingsError
from environments.shared import SHARED
from tests.unit.environments.example import Data, environment

PLACE = "environments/accounts/another.py"


def another(*, shared: Data | None = None, test: Data | None = None) -> Account:
    return Account(place=PLACE, shared=shared or {}, environments={"test": test or {}})


def test_only_the_named_fields_differ() -> None:
    changed = another(shared={"cluster": "another"}).changed_shared(SHARED)
    assert changed.cluster == "another"
    assert changed == SHARED.model_copy(update={"cluster": "another"})


def test_in_a_group_of_settings_only_the_named_fields_differ() -> None:
    settings = environment({"database": {"name": "mosaic", "extensions": ("vector",)}})
    changed = another(test={"database": {"name": None}}).changed(settings)
    assert changed.database == Database(extensions=("vector",))
    assert changed == settings.model_copy(update={"database": changed.database})


def test_an_unnamed_environment_keeps_its_settings() -> None:
    further = environment({"name": "further"})
    assert another(test={"log_level": "debug"}).changed(further) == further


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"cluster": "-"},
            "Shared.cluster: String should match pattern '^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$' (given: '-')",
        ),
        ({"clutser": "another"}, "Shared.clutser: no such setting; allowed: project, "),
        (
            {"database_server": {"kind": "server"}},
            "DatabaseServer.kind: Input should be 'instance' or 'cluster' (given: 'server')",
        ),
        ({"account": 33691785857}, "Shared.account: Input should be a valid string (given: 33691785857)"),
    ],
)
def test_a_bad_shared_change_names_the_accounts_file(fields: Data, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        another(shared=fields).changed_shared(SHARED)
    assert str(raised.value).startswith(f"{PLACE}: {message}"), raised.value


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"adopt": "all"}, "Environment.adopt: 'all' "),
        (
            {"database": {"extensions": ("vector", 1)}},
            "Database.extensions.1: Input should be a valid string (given: 1)",
        ),
        ({"web": {"replicas": 0}}, "Workload.replicas: "),
        (
            {"session": {"cookie": "a"}},
            "Session.cookie: no such setting; allowed: cookie_name, cookie_domain, key_version (given: 'a')",
        ),
    ],
)
def test_a_bad_change_of_an_environment_names_the_accounts_file_and_the_environment(fields: Data, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        another(test=fields).changed(environment())
    assert str(raised.value).startswith(f"{PLACE}: test: {message}"), raised.value


def test_every_bad_change_gets_a_line_with_the_accounts_file() -> None:
    with pytest.raises(SettingsError) as raised:
        another(test={"log_level": "loud", "stage": "", "adopt": "all"}).changed(environment())
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{PLACE}: test: Environment.") for line in lines)
