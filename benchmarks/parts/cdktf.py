"""Measures what cdktf adds to a plan by Terraform alone."""

from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.own_cloud import UP, own_cloud
from benchmarks.part import Part
from benchmarks.parts.deploy import DEPLOY, ENVIRONMENT
from benchmarks.row import Row
from delivery.terraform import program
from local import commands as cloud
from modules.model.project import ROOT


def _run(bench: Bench) -> None:
    with own_cloud(bench):
        bench.prepare(Row(name="the local cloud", commands=[UP]))
        variables = cloud.environment()
        bench.prepare(Row(name=f"a deployed {ENVIRONMENT}", commands=[DEPLOY], variables=variables))
        stack = Path(variables["CDKTF_OUTPUT"]) / "stacks" / ENVIRONMENT
        bench.in_turn(
            [
                Row(
                    name=f"terraform plan of {ENVIRONMENT}",
                    commands=[(program.name(), f"-chdir={stack}", "plan", "-input=false")],
                    variables=variables,
                ),
                Row(
                    name=f"cdktf plan {ENVIRONMENT}",
                    commands=[(str(ROOT / "node_modules" / ".bin" / "cdktf"), "plan", ENVIRONMENT)],
                    # As delivery/terraform/cdktf.py calls it.
                    variables={**variables, "MOSAIC_ENVIRONMENT": ENVIRONMENT},
                    wanted="1.25 times as long",
                ),
            ]
        )


PART = Part(name="cdktf", title="A plan by Terraform alone and by cdktf", run=_run)
