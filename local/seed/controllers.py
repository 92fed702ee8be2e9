"""The IAM roles of the cluster's controllers, with their published policies."""

import json
from collections.abc import Mapping, Sequence

from environments.schema.settings import Shared
from local.aws.clients import AwsClients
from local.build.programs import Programs
from local.kubernetes import external_dns, load_balancer_controller
from local.kubernetes.controller import Controller
from local.seed.aws_objects import Statement, create_service_account_role


def seed_controller_roles(aws: AwsClients, shared: Shared, programs: Programs) -> None:
    """Create the role of each controller, which only its service account may assume, unless it exists."""
    published = json.loads(load_balancer_controller.iam_policy(programs).read_text(encoding="utf-8"))
    roles: Mapping[Controller, Sequence[Statement]] = {
        load_balancer_controller.CONTROLLER: published["Statement"],
        external_dns.CONTROLLER: external_dns.IAM_STATEMENTS,
    }
    for controller, statements in roles.items():
        create_service_account_role(
            aws,
            shared,
            controller.role,
            trusted={"StringEquals": {"aud": "sts.amazonaws.com", "sub": controller.user}},
            policies={controller.name: statements},
        )
