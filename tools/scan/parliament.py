"""parliament: checks what IAM policies allow, and that their actions and resources exist in AWS."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from delivery.terraform.stack_configuration import StackConfiguration
from modules.model.selected_settings import SHARED
from tools.scan.finding import Finding, ScanError
from tools.scan.program import output, python_program

_POLICIES = ("aws_iam_policy", "aws_iam_role_policy", "aws_s3_bucket_policy")
_HERE = f"{SHARED.region}:{SHARED.account}"
# Well-formed examples of values that only AWS knows.
_ARNS = {
    "aws_s3_bucket": ("bucket", "arn:aws:s3:::{}"),
    "aws_secretsmanager_secret": ("name", f"arn:aws:secretsmanager:{_HERE}:secret:{{}}-AbCdEf"),
}
_ARN = re.compile(r"\$\{(\w+)\.(\w+)\.arn\}")
_UNKNOWN = {
    re.compile(r"\$\{data\.aws_eks_cluster\.\w+\.vpc_config\[0\]\.vpc_id\}"): "vpc-0123456789abcdef0",
    re.compile(
        r"\$\{data\.aws_iam_openid_connect_provider\.\w+\.arn\}"
    ): f"arn:aws:iam::{SHARED.account}:oidc-provider/oidc.eks.{SHARED.region}.amazonaws.com/id/ABC",
    re.compile(r"\$\{data\.aws_(rds_cluster|db_instance)\.\w+\.(db_subnet_group|db_subnet_group_name)\}"): "database",
}
# IAM's own variables contain a colon, Terraform's references a dot.
_LEFT = re.compile(r"\$\{\w+\.[^}]*\}")


def parliament(stacks: Mapping[str, StackConfiguration], folder: Path) -> Iterator[Finding]:
    """Yield parliament's findings in the stacks' policies. folder: for their files. Raises ScanError as below."""
    folder.mkdir(parents=True)
    places: dict[str, str] = {}
    for name, stack in stacks.items():
        for kind in _POLICIES:
            for policy in stack.all(kind):
                file = folder / f"{name}.{policy}.json"
                places[file.name] = f"{name}/{policy}"
                file.write_text(readable_policy(stack, kind, policy), encoding="utf-8")
    # Exit code 1 means findings.
    command = [python_program("parliament"), "--directory", str(folder), "--json", "--include-community-auditors"]
    for line in filter(None, output(command, folder, codes=[0, 1]).splitlines()):
        found = json.loads(line)
        yield Finding(
            scanner="parliament",
            id=found["issue"],
            place=places[Path(found["location"]["filepath"]).name],
            words=f"{found['title']} {found['detail'] or ''}",
        )


def readable_policy(stack: StackConfiguration, kind: str, name: str) -> str:
    """Return this resource's policy as IAM gets it, with examples for values that only AWS knows.

    Raises ScanError for a reference in an unknown form.
    """

    def arn(match: re.Match[str]) -> str:
        field, form = _ARNS.get(match[1], ("", ""))
        body = stack.bodies.get(f"{match[1]}.{match[2]}", {})
        return form.format(stack.resolve(body[field])) if field in body else match[0]

    policy = _ARN.sub(arn, str(stack.resolve(stack.all(kind)[name]["policy"])))
    for reference, value in _UNKNOWN.items():
        policy = reference.sub(value, policy)
    if left := _LEFT.search(policy):
        raise ScanError(f"tools/scan/parliament.py does not know what {left[0]} may be")
    return policy
