"""Plans that an attacker could make from a stack other than the one shown: edits of staging's configuration.

Terraform really plans them. The stack given with each plan is the unedited one of ``staging-empty``.
"""

import json
from collections.abc import Callable
from typing import Any

Stack = dict[str, Any]

# A module in its own folder, which Terraform reads next to the stack.
MODULE = {"resource": {"aws_s3_bucket": {"hidden": {"bucket": "mosaic-staging-hidden-033691785857"}}}}


def _provisioner(stack: Stack) -> None:
    stack["resource"]["terraform_data"]["hidden"] = {"provisioner": [{"local-exec": {"command": "true"}}]}


def _unknown_policy(stack: Stack) -> None:
    """The policy's principals are known only after the apply."""
    stack["resource"]["terraform_data"]["hidden"] = {"input": "*"}
    statement = {
        "Effect": "Allow",
        "Principal": "${terraform_data.hidden.output}",
        "Action": "s3:*",
        "Resource": "${aws_s3_bucket.media.arn}/*",
    }
    stack["resource"]["aws_s3_bucket_policy"]["media_policy"]["policy"] = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement]}
    )


def _dynamic_block(stack: Stack) -> None:
    policy = stack["resource"]["kubernetes_network_policy_v1"]["network_allow"]
    policy["spec"]["dynamic"] = {
        "egress": {
            "for_each": ["0.0.0.0/0"],
            "content": {"to": [{"ip_block": {"cidr": "${egress.value}"}}]},
        }
    }


def _two_imports_of_one_address(stack: Stack) -> None:
    """Terraform itself refuses this."""
    stack["import"] = [
        {"to": "aws_s3_bucket.media", "id": "mosaic-staging-media-033691785857"},
        {"to": "aws_s3_bucket.media", "id": "mosaic-prod-media-033691785857"},
    ]


def _two_addresses_of_one_bucket(stack: Stack) -> None:
    stack["resource"]["aws_s3_bucket"]["hidden"] = {"bucket": "mosaic-staging-media-033691785857"}
    stack["import"] = [{"to": "aws_s3_bucket.hidden", "id": "mosaic-staging-media-033691785857"}]


def _module(stack: Stack) -> None:
    stack["module"] = {"x": {"source": "./module"}}


def _second_provider(stack: Stack) -> None:
    [provider] = stack["provider"]["aws"]
    stack["provider"]["aws"].append({**provider, "alias": "hidden", "region": "eu-central-1"})
    stack["resource"]["aws_s3_bucket"]["hidden"] = {
        "bucket": "mosaic-staging-hidden-033691785857",
        "provider": "aws.hidden",
    }


ATTACKS: dict[str, Callable[[Stack], None]] = {
    "provisioner": _provisioner,
    "unknown-policy": _unknown_policy,
    "dynamic-block": _dynamic_block,
    "two-imports-failed": _two_imports_of_one_address,
    "imported-twice": _two_addresses_of_one_bucket,
    "module": _module,
    "second-provider": _second_provider,
}
