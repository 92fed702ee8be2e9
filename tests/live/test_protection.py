"""Production's data: a plan that would delete or replace any of it fails before anything starts."""

import json
import sys
from pathlib import Path

import pytest

from tests.live.project import Project, Run

pytestmark = pytest.mark.promise("Adoption")
# A new name means a new bucket: the one with the objects would be deleted.
_RENAMED = {'f"{prefix}-media-{shared.account}"': 'f"{prefix}-uploads-{shared.account}"'}
_UNPROTECTED = {"prevent_destroy=protected or None": "prevent_destroy=None"}


def test_terraform_refuses_to_plan_the_replacement_of_a_protected_bucket(
    project: Project, adopted: Run, tmp_path: Path
) -> None:
    renamed = project.copy(
        tmp_path / "copy", {"modules/model/names.py": project.edited("modules/model/names.py", _RENAMED)}
    )
    plan = renamed.run("terraform", f"-chdir={_initialized(renamed)}", "plan", "-input=false", "-no-color")
    plan.expect(1).says("Instance cannot be destroyed").says("aws_s3_bucket.media")


def test_the_guard_refuses_the_same_plan_even_with_the_protection_removed(
    project: Project, adopted: Run, tmp_path: Path
) -> None:
    changed = project.copy(
        tmp_path / "copy",
        {
            "modules/model/names.py": project.edited("modules/model/names.py", _RENAMED),
            "modules/base/terraform.py": project.edited("modules/base/terraform.py", _UNPROTECTED),
        },
    )
    stack = _initialized(changed)
    changed.run("terraform", f"-chdir={stack}", "plan", "-input=false", "-out=lossy.plan").expect(0)
    document = tmp_path / "lossy.json"
    document.write_text(changed.run("terraform", f"-chdir={stack}", "show", "-json", "lossy.plan").expect(0).output)
    assert ["delete", "create"] in [
        row["change"]["actions"] for row in json.loads(document.read_text())["resource_changes"]
    ]
    project.run(
        *(sys.executable, "-m", "delivery", "guard", "prod", str(document), "--stack", str(stack / "cdk.tf.json"))
    ).expect(1).says("FAIL data-loss prod:aws_s3_bucket.media ")


def _initialized(project: Project) -> Path:
    """Return the folder of production's configuration, with providers and state."""
    return Path(project.terraform("prod").tfdir)
