"""checkov: checks AWS and Kubernetes resources against best practices."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from delivery.terraform.stack_configuration import StackConfiguration
from tools.scan.finding import Finding, ScanError
from tools.scan.program import output, python_program

# It does not read our other blocks, and has no checks for other providers' resources.
_SECTIONS = ("data", "provider", "resource")
_PROVIDERS = ("aws_", "kubernetes_")
# It cannot read a numeric port there; kube-score can.
_UNREADABLE = "kubernetes_network_policy_v1"
_COMMAND = ("--framework", "terraform_json", "--output", "json", "--skip-download", "--soft-fail")


def checkov(stacks: Mapping[str, StackConfiguration], folder: Path) -> Iterator[Finding]:
    """Yield checkov's findings. folder: for the stacks' files. Raises ScanError if it did not read a whole stack."""
    for name, stack in stacks.items():
        (folder / name).mkdir(parents=True)
        document = {section: stack.document[section] for section in _SECTIONS if section in stack.document}
        for section in ("data", "resource"):
            known = document.get(section, {})
            document[section] = {
                kind: body for kind, body in known.items() if kind.startswith(_PROVIDERS) and kind != _UNREADABLE
            }
        (folder / name / "stack.tf.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    command = [python_program("checkov"), "--directory", ".", *_COMMAND]
    reports = json.loads(output(command, folder, codes=[0], failure="Failed to add block"))
    for report in reports if isinstance(reports, list) else [reports]:
        results = report.get("results", {})
        if results.get("parsing_errors"):
            raise ScanError(f"checkov cannot read {results['parsing_errors']}")
        scanned = {Path(check["file_path"]).parent.name for check in results.get("passed_checks", [])}
        if scanned != set(stacks):
            raise ScanError(f"checkov has read {sorted(scanned)} of {sorted(stacks)}")
        for check in results["failed_checks"]:
            yield Finding(
                scanner="checkov",
                id=check["check_id"],
                # Some checks name a resource without its type.
                place=f"{Path(check['file_path']).parent.name}/{check['resource'].rpartition('.')[2]}",
                words=check["check_name"],
            )
