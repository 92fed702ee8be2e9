"""Terraform's plan for staging's stack after the database was dropped, with Terraform's own resources instead."""

import json
import subprocess
from pathlib import Path

import pytest

from delivery.plan.document import Action, Plan
from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY
from modules.model.selected_settings import SETTINGS
from tests.synth.synthesis import synthesize_settings

DATABASE, CREATION, MIGRATION = (f"terraform_data.{name}" for name in ("database", "database_creation", "migration"))


@pytest.fixture
def deployed(tmp_path: Path) -> Workspace:
    stack = synthesize_settings(tmp_path / "synthesized", SETTINGS.find("staging"))
    creation = json.dumps(stack.one("terraform_data", "database_creation"))
    document = {
        "terraform": {"backend": {"local": {}}},
        "resource": {
            "terraform_data": {
                "database": {"input": "core_staging"},
                "database_creation": json.loads(creation.replace("postgresql_database.database", DATABASE)),
                "migration": {"lifecycle": stack.one("kubernetes_job_v1", "migration")["lifecycle"]},
            }
        },
    }
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    place = Workspace(folder=tmp_path)
    place.plan(DEPLOY, lock=True)
    place.apply()
    return place


def actions(place: Workspace) -> dict[str, Action]:
    place.plan(DEPLOY, lock=True)
    plan = Plan.parse(json.dumps(place.document()))
    return {row.address: row.action for row in plan.resources if row.action is not Action.UNCHANGED}


def forget(place: Workspace, address: str) -> None:
    subprocess.run(["terraform", "state", "rm", address], cwd=place.folder, check=True, capture_output=True)


def test_an_existing_database_is_not_migrated_again(deployed: Workspace) -> None:
    assert actions(deployed) == {}


def test_a_dropped_database_is_recreated_and_migrated(deployed: Workspace) -> None:
    forget(deployed, DATABASE)
    assert actions(deployed) == {DATABASE: Action.CREATE, CREATION: Action.REPLACE, MIGRATION: Action.REPLACE}
    deployed.apply()
    assert actions(deployed) == {}


def test_an_older_environment_keeps_its_migration(deployed: Workspace) -> None:
    forget(deployed, CREATION)
    assert actions(deployed) == {CREATION: Action.CREATE}
