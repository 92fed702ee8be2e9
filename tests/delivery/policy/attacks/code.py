"""Attacks by code: unexplained changes, stacks that could do more than read, and plans that do not match the stack."""

from tests.delivery.policy.attacks.attack import Attack, attack
from tests.delivery.policy.attacks.edits import put, put_in_plan, put_in_stack

_DEPLOYMENT = "kubernetes_deployment_v1.web_deployment"
_STORED = "resource.terraform_data"

ATTACKS: tuple[Attack, ...] = (
    attack("a label", "staging", "changed-by-code", put(_DEPLOYMENT, "metadata.0.labels.a", "b")),
    attack("more pods than are asked for", "staging", "changed-by-code", put(_DEPLOYMENT, "spec.0.replicas", "7")),
    attack("a description", "prod", "changed-by-code", put("aws_iam_role.core_api_role", "description", "a")),
    attack(
        "a condition that lets Terraform pass",
        "staging",
        "changed-by-code",
        put_in_stack(
            "resource.kubernetes_namespace_v1.namespace.lifecycle.precondition",
            [{"condition": "${true}", "error_message": "a"}],
        ),
    ),
    attack(
        "a data source that runs a program",
        "staging",
        "not-planned",
        put_in_stack("data.external", {"x": {"program": ["sh", "-c", "env"]}}),
    ),
    attack("a module", "prod", "not-planned", put_in_stack("module", {"x": {"source": "./x"}})),
    attack(
        "a provisioner",
        "staging",
        "not-planned",
        put_in_stack("resource.kubernetes_namespace_v1.namespace.provisioner", [{"local-exec": {"command": "env"}}]),
    ),
    attack(
        "a file of the machine that plans",
        "staging",
        "not-planned",
        put_in_stack("output.x", {"value": '${file("/proc/self/environ")}'}),
    ),
    attack(
        "a value that the stack does not say",
        "staging",
        "unexplained",
        put_in_plan(_DEPLOYMENT, "spec.0.min_ready_seconds", 600),
    ),
    attack(
        "another value than the stack says", "prod", "unexplained", put_in_plan(_DEPLOYMENT, "spec.0.replicas", "9")
    ),
)
