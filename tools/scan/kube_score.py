"""kube-score: checks Kubernetes objects against best practices."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from delivery.gitops.kubernetes_form import network_policies, workloads
from delivery.terraform.stack_configuration import StackConfiguration
from tools.scan.finding import Finding, ScanError
from tools.scan.program import FOLDER, output

# Its grades: 1 critical, 5 warning, 7 almost OK, 10 OK.
_RIGHT = 10
_COMMAND = ("go", "tool", "kube-score", "score", "--output-format", "json")


def kube_score(stacks: Mapping[str, StackConfiguration], folder: Path) -> Iterator[Finding]:
    """Yield kube-score's findings in the stacks' objects. folder: for their files."""
    folder.mkdir(parents=True)
    for name, stack in stacks.items():
        objects = [
            {"kind": kind, **body} for (kind, _), body in {**workloads(stack), **network_policies(stack)}.items()
        ]
        if not objects:
            continue
        file = folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump_all(objects), encoding="utf-8")
        # Exit code 1 means findings.
        scored = json.loads(output([*_COMMAND, str(file)], FOLDER, codes=[0, 1]))
        if not scored:
            raise ScanError(f"kube-score did not read any object of {name}")
        for item in scored:
            for check in item["checks"]:
                if check["skipped"] or check["grade"] >= _RIGHT:
                    continue
                comments = [comment["summary"] for comment in check["comments"] or []]
                yield Finding(
                    scanner="kube-score",
                    id=check["check"]["id"],
                    place=f"{name}/{item['type_meta']['kind']}/{item['object_meta']['name']}",
                    words="; ".join(dict.fromkeys([check["check"]["name"], *comments])),
                )
