"""How the objects of the application's Helm chart differ from Terraform's for an environment's settings."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from delivery.gitops.helm import HelmError, Manifest, helm_program, render_chart, without_wave
from delivery.gitops.kubernetes_form import Identity, workloads
from delivery.gitops.object_differences import object_differences
from delivery.gitops.repository import files
from delivery.report.text_file import read_text
from delivery.terraform.stack_configuration import StackConfiguration
from delivery.terraform.stack_json import FILE, read_stack
from environments.schema.settings import Environment, Shared
from modules.model.argocd_application import VALUES_FILES
from modules.model.helm_values import account_values
from modules.model.kubernetes.ingress_annotations import CERTIFICATE
from modules.model.names import Names
from modules.model.project import ROOT
from modules.model.secrets import ApplicationSecrets

Objects = Mapping[Identity, Manifest]


def missing_from_chart(
    chart: Path, environment: Environment, shared: Shared, *, stack: StackConfiguration | None = None
) -> list[str]:
    """Return each difference between the chart's objects and Terraform's, by object and field; empty if they match.

    chart: its folder. stack: the stack to compare with; by default synthesized from the environment's file. Raises
    HelmError without Helm or if Helm cannot render the chart with these values, and TextFileError for a template that
    is not text.
    """
    # Report a file that is not text in the same words as every other command, not in a parser's.
    for template in sorted((chart / "templates").rglob("*.yaml")):
        read_text(template, "the chart's template")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        expected = stack_objects(stack or synthesize(environment.name, folder / "stacks"), environment, shared)
        found = chart_objects(chart, folder, environment, shared, expected)
    return list(chart_differences(found, expected, paused=environment.paused))


def synthesize(name: str, folder: Path) -> StackConfiguration:
    """Return the environment's stack as Terraform delivers it. folder: for files. Raises HelmError if that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "modules.stacks.terraform_delivery", name, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise HelmError(f"the stack to compare with cannot be synthesized: {done.stderr.strip()}")
    return StackConfiguration(read_stack(folder / "stacks" / name / FILE))


def stack_objects(stack: StackConfiguration, environment: Environment, shared: Shared) -> Objects:
    """The objects that Terraform delivers, with placeholders for values that only the account knows."""
    role = Names.of(environment, shared).core_api_role
    return workloads(stack, {"${aws_iam_role.core_api_role.arn}": f"arn:aws:iam::{shared.account}:role/{role}"})


def chart_objects(
    chart: Path, folder: Path, environment: Environment, shared: Shared, expected: Objects
) -> list[Manifest]:
    """The chart's objects, with the same placeholders for values that only the account knows. Raises HelmError."""
    names = Names.of(environment, shared)
    certificates = (
        item["metadata"]["annotations"][CERTIFICATE] for (kind, _), item in expected.items() if kind == "Ingress"
    )
    version_ids = {
        str(secret.annotation): expected["ExternalSecret", secret.name]["metadata"]["annotations"]["mosaic-life/stored"]
        for secret in ApplicationSecrets.of(environment, shared, names).generated
    }
    account = account_values(certificate_arn=next(certificates, "none"), version_ids=version_ids)
    texts = files(environment, shared)
    return render_chart(
        helm_program(folder),
        folder,
        release=names.instance,
        namespace=names.namespace,
        values=[*(texts[file.format(environment.name)] for file in VALUES_FILES), yaml.safe_dump(account)],
        chart=chart.resolve(),
    )


def chart_differences(rendered: list[Manifest], expected: Objects, *, paused: bool) -> Iterator[str]:
    """Every object and field in which a chart's objects differ from Terraform's, one line each.

    A missing object is shown as YAML. paused: Terraform then creates no Deployment, and a chart may keep one with no
    pods (modules/kubernetes/application.py).
    """
    found = {(item["kind"], item["metadata"]["name"]): without_wave(item) for item in rendered}
    for (kind, name), item in expected.items():
        if (kind, name) not in found:
            text = yaml.safe_dump({"kind": kind, **item}, sort_keys=False)
            yield f"{kind} {name}: the chart lacks it; these fields are required:\n{text}"
    for (kind, name), item in found.items():
        if (kind, name) in expected:
            # Compare both ways: object_differences accepts additional fields.
            there = {key: value for key, value in item.items() if key != "kind"}
            wanted = expected[kind, name]
            lacks = [*object_differences(there, wanted, f"{kind} {name}")]
            yield from lacks
            for line in object_differences(wanted, there, f"{kind} {name}"):
                place, _, values = line.partition(": expected ")
                if not any(known.startswith(f"{place}: ") for known in lacks):
                    yield f"{place}: expected nothing, found {values.rpartition(', found ')[0]}"
        elif not (paused and kind == "Deployment" and item["spec"]["replicas"] == 0):
            yield f"{kind} {name}: the chart has it, but Terraform does not"
