"""Measures the deploys and the destruction of an environment on the local cloud."""

import sys

from benchmarks.bench import Bench
from benchmarks.own_cloud import UP, own_cloud
from benchmarks.part import Part
from benchmarks.row import Row
from local import commands as cloud

ENVIRONMENT = "staging"
_TERRAFORM = (sys.executable, "-m", "delivery")
DEPLOY = (*_TERRAFORM, "deploy", "bootstrap", ENVIRONMENT, "--auto-approve")
_DESTROY = (*_TERRAFORM, "destroy", ENVIRONMENT, "--auto-approve")
_VERIFY = (sys.executable, "-m", "delivery", "verify", ENVIRONMENT)


def _run(bench: Bench) -> None:
    with own_cloud(bench):
        bench.prepare(Row(name="the local cloud", commands=[UP]))
        variables = cloud.environment()
        bench.once(
            [
                Row(
                    name=f"deploy bootstrap and {ENVIRONMENT}, verify",
                    commands=[DEPLOY, _VERIFY],
                    variables=variables,
                    wanted="60 s with the cloud's start",
                ),
                Row(
                    name="up, deploy and verify again, no change",
                    commands=[UP, DEPLOY, _VERIFY],
                    variables=variables,
                    wanted="30 s",
                ),
                Row(name=f"destroy {ENVIRONMENT}", commands=[_DESTROY], variables=variables, wanted="60 s"),
            ]
        )
    bench.note("A bucket's lifecycle rules take 55 s of a first deploy: hashicorp/aws 5.100 waits, whatever S3 says.")


PART = Part(name="deploy", title="Deploys on the local cloud; memory without its servers", run=_run)
