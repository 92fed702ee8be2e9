"""Regenerates this folder's plans with the real Terraform and this project's stacks on the local cloud.

``python -m tests.delivery.plans.generate``, in a shell with the variables of a fresh local cloud (README.md in this
folder). It deploys staging and adopts production; then it plans each scenario's edit and writes the reduced plan here.
It records the providers' defaults in the plans for the guard (delivery/policy/explanation/providers.json).
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.explanation.provider_schema import FILE, as_text
from delivery.policy.explanation.recording import record
from delivery.terraform import acting_role
from modules.model.acting_role import DEPLOY, PLAN
from tests.conftest import synthesize
from tests.delivery.plans.attacks import ATTACKS, MODULE
from tests.delivery.plans.reduction import as_lines, reduced_plan, reduced_stack
from tests.delivery.plans.scenarios import PROD, STAGING

FOLDER = Path(__file__).parent
# Few types: of AWS's 1500, only the used ones.
_WHOLE_PROVIDERS = ("kubernetes", "postgresql", "terraform")
Stack = dict[str, Any]


class Workspace:
    """One environment's stack in its own folder, planned and applied by Terraform itself."""

    def __init__(self, folder: Path, stack: Stack) -> None:
        self.folder = folder
        self.stack = stack
        self.planned: list[tuple[Plan, Stack]] = []
        (folder / "module").mkdir(parents=True)
        (folder / "module" / "main.tf.json").write_text(json.dumps(MODULE))
        self._write(stack)
        self._terraform(PLAN, "init", "-input=false").check_returncode()

    def plan(
        self, name: str, edit: Callable[[Stack], None] | None = None, *, apply: bool = False, is_attack: bool = False
    ) -> None:
        """Plan the stack with this edit, write the reduced result, and apply it if asked to.

        As on GitHub, a plan that is never applied reads no secret. For an attack, only the plan is written.
        """
        role = DEPLOY if apply else PLAN
        stack = copy.deepcopy(self.stack)
        if edit:
            edit(stack)
        self._write(stack)
        if "module" in stack:
            self._terraform(role, "init", "-input=false").check_returncode()
        done = self._terraform(role, "plan", "-input=false", "-out=plan")
        if name.endswith("-failed"):
            assert done.returncode == 1, f"{name}: the plan was to fail"
            (FOLDER / f"{name}.log").write_text((done.stdout + done.stderr).replace(str(self.folder), "stack"))
            return
        done.check_returncode()
        shown = self._terraform(role, "show", "-json", "plan")
        shown.check_returncode()
        written = {"plan": reduced_plan(json.loads(shown.stdout), stack)}
        if not is_attack:
            written["stack"] = reduced_stack(stack)
            self.planned.append((Plan.parse(shown.stdout), stack))
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        for kind, content in written.items():
            (FOLDER / f"{name}.{kind}.json").write_text(as_lines(content).replace(endpoint, "http://127.0.0.1:5000"))
        print(f"{name}: planned")
        if apply:
            self._terraform(role, "apply", "-input=false", "plan").check_returncode()

    def provider_schemas(self) -> dict[str, Any]:
        """Return the output of ``terraform providers schema`` for the stack's providers."""
        shown = self._terraform(PLAN, "providers", "schema", "-json")
        shown.check_returncode()
        schemas: dict[str, Any] = json.loads(shown.stdout)
        return schemas

    def _write(self, stack: Stack) -> None:
        (self.folder / "cdk.tf.json").write_text(json.dumps(stack, indent=2))

    def _terraform(self, role: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **acting_role.variables(role)}
        command = ["terraform", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        sys.stderr.write(done.stderr)
        return done


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        variables = {name: os.environ[name] for name in ("MOSAIC_CLOUD", "MOSAIC_LOCAL_ACCOUNT", "AWS_ENDPOINT_URL")}
        stacks = synthesize(Path(folder) / "synthesized", variables)
        planned: list[tuple[Plan, Stack]] = []
        for environment, first, scenarios, attacks in (
            ("staging", "create", STAGING, ATTACKS),
            ("prod", "adopt", PROD, {}),
        ):
            stack = json.loads((stacks / environment / "cdk.tf.json").read_text())
            workspace = Workspace(Path(folder) / environment, stack)
            workspace.plan(f"{environment}-{first}", apply=True)
            for name, edit in scenarios.items():
                workspace.plan(f"{environment}-{name}", edit)
            for name, edit in attacks.items():
                workspace.plan(f"{environment}-{name}", edit, is_attack=True)
            planned += workspace.planned
        FILE.write_text(as_text(record(workspace.provider_schemas(), planned, whole=_WHOLE_PROVIDERS)))


if __name__ == "__main__":
    main()
