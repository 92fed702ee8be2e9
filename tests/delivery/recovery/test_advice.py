"""The advice that a failed run prints."""

from delivery.recovery.advice import of_protected
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED

PROD = Names.of(SETTINGS.find("prod"), SHARED)
SESSION = f"arn:aws:sts::{SHARED.account}:assumed-role"


def test_a_protected_environments_deploy_role_is_told_what_an_administrator_deploys() -> None:
    (line,) = of_protected("prod", PROD, f"{SESSION}/{PROD.deploy_role}/workflow")
    assert "make deploy ENV=prod with an administrator's credentials" in line
    assert "docs/bootstrap.md#what-a-role-may-never-do" in line


def test_other_callers_get_no_advice() -> None:
    for caller in (f"{SESSION}/administrator/somebody", f"{SESSION}/{PROD.deploy_role}-2/workflow"):
        assert list(of_protected("prod", PROD, caller)) == []
