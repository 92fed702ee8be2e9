"""parliament reads IAM's own JSON, without Terraform's references."""

import json

import pytest

from delivery.terraform.stack_configuration import StackConfiguration
from tests.synth.template import Template
from tools.scan.finding import ScanError
from tools.scan.parliament import readable_policy


def policy(resource: str) -> StackConfiguration:
    return StackConfiguration(
        {
            "resource": {
                "aws_s3_bucket": {"media": {"bucket": "media-1"}},
                "aws_secretsmanager_secret": {"key": {"name": "mosaic/key"}},
                "aws_iam_policy": {"boundary": {"policy": json.dumps({"Resource": resource})}},
            }
        }
    )


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("${aws_s3_bucket.media.arn}/*", "arn:aws:s3:::media-1/*"),
        ("${aws_secretsmanager_secret.key.arn}", ":secret:mosaic/key-AbCdEf"),
        ("vpc/${data.aws_eks_cluster.cluster.vpc_config[0].vpc_id}", "vpc/vpc-0123456789abcdef0"),
        ("session/${aws:userid}-*", "session/${aws:userid}-*"),
    ],
)
def test_a_reference_becomes_an_arn_of_its_form_and_a_variable_stays(resource: str, expected: str) -> None:
    stack = policy(resource)
    assert json.loads(readable_policy(stack, "aws_iam_policy", "boundary"))["Resource"].endswith(expected)


@pytest.mark.parametrize("resource", ["${aws_s3_bucket.other.arn}", "${data.aws_lb.shared.arn}"])
def test_a_reference_in_an_unknown_form_is_refused(resource: str) -> None:
    with pytest.raises(ScanError, match="does not know what"):
        readable_policy(policy(resource), "aws_iam_policy", "boundary")


def test_every_policy_of_an_environment_can_be_read(template: Template) -> None:
    policies = template.some("aws_iam_role_policy")
    for name in policies:
        assert json.loads(readable_policy(template, "aws_iam_role_policy", name))["Statement"]
