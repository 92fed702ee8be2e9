"""Runs the project's own commands against a cloud, as a user would, and keeps what they print."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tftest

ROOT = Path(__file__).parent.parent.parent
STACKS = ROOT / "cdktf.out" / "stacks"


@dataclass(frozen=True)
class Run:
    """What one command did."""

    command: tuple[str, ...]
    code: int
    output: str

    def expect(self, code: int) -> "Run":
        """This run, if it ended with this exit code; otherwise fails with the end of what it printed."""
        assert self.code == code, f"{' '.join(self.command)}: exit code {self.code}, expected {code}\n{self.output[-8000:]}"
        return self


class Project:
    """The project's commands with the variables of one cloud; everything printed is kept in ``printed``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = dict(variables)
        self.printed: list[str] = []

    def run(self, *command: str, **variables: str) -> Run:
        """Run a command in the project's root and return what it did."""
        done = subprocess.run(  # noqa: S603 the tests' own commands
            command,
            cwd=ROOT,
            env={**self.variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed.append(done.stdout)
        return Run(command=command, code=done.returncode, output=done.stdout)

    def delivery(self, action: str, environment: str, *options: str, **variables: str) -> Run:
        """Run ``python -m delivery.run``."""
        return self.run(sys.executable, "-m", "delivery.run", action, environment, *options, **variables)

    def deploy(self, environment: str) -> Run:
        """Deploy an environment without asking."""
        return self.delivery("deploy", environment, "--auto-approve")

    def destroy(self, environment: str) -> Run:
        """Destroy an environment without asking."""
        return self.delivery("destroy", environment, "--auto-approve")

    def verify(self, environment: str) -> Run:
        """Run ``make verify``'s command."""
        return self.run(sys.executable, "-m", "delivery.verify", environment)

    def plan(self, environment: str) -> tftest.TerraformPlanOutput:
        """Synthesize, then plan with plain Terraform."""
        self.run("node_modules/.bin/cdktf", "synth").expect(0)
        terraform = tftest.TerraformTest(str(STACKS / environment), env=self.variables)
        terraform.init()
        return terraform.plan(output=True)


def changes(plan: tftest.TerraformPlanOutput) -> dict[str, list[str]]:
    """What a plan would do, by address; what stays as it is left out."""
    return {
        change["address"]: change["change"]["actions"]
        for change in plan.resource_changes.values()
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
