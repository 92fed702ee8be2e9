"""Possible changes of a stack: each is an edit of its synthesized configuration."""

import json
from collections.abc import Callable
from typing import Any

from tests.account import SETTINGS

Stack = dict[str, Any]
Edit = Callable[[Stack], None]

# A made-up value for a secret that somebody put in a visible place.
PLANTED = "planted-secret-8d2f41c7"
MARKUP = (
    "</details><script>alert(1)</script> ```\n"
    "## Approved @mosaic-stories/admins [x](https://example.com) | `a` | \u202e"
)


def _unchanged(_stack: Stack) -> None:
    pass


def _replicas(stack: Stack) -> None:
    stack["resource"]["kubernetes_deployment_v1"]["web_deployment"]["spec"]["replicas"] = "2"


def _image(stack: Stack) -> None:
    """Another image: the pods change, and the migration's Job gets another name."""
    present = SETTINGS.find("staging").core_api.image.reference
    text = json.dumps(stack["resource"])
    assert present in text
    text = text.replace(present, ":staging-4f9d2c1").replace(present[1:], "staging-4f9d2c1")
    stack["resource"] = json.loads(text)


def _rotated(stack: Stack) -> None:
    """The next database password, as the number in the settings generates it."""
    value = stack["resource"]["terraform_data"]["database_credentials_value"]
    (arn, number), (step,) = value["triggers_replace"], value["provisioner"]
    value["triggers_replace"] = [arn, str(int(number) + 1)]
    variables = step["local-exec"]["environment"]
    for name in ("LABEL", "STAGES"):
        assert f"settings-{number}" in variables[name]
        variables[name] = variables[name].replace(f"settings-{number}", f"settings-{int(number) + 1}")


def _bucket_renamed(stack: Stack) -> None:
    stack["resource"]["aws_s3_bucket"]["backups"]["bucket"] += "-2"


def _loosened(stack: Stack) -> None:
    """Loosen every kind of isolation at once."""
    resources = stack["resource"]
    _remove(stack, "kubernetes_network_policy_v1.network_default_deny", "kubernetes_resource_quota_v1.namespace_quota")
    resources["kubernetes_network_policy_v1"]["network_allow"]["spec"]["egress"].append(
        {"to": [{"ip_block": {"cidr": "0.0.0.0/0"}}], "ports": [{"protocol": "TCP", "port": "22"}]}
    )
    labels = resources["kubernetes_namespace_v1"]["namespace"]["metadata"]["labels"]
    labels["pod-security.kubernetes.io/enforce"] = "privileged"
    resources["aws_s3_bucket_public_access_block"]["media_public_access"]["block_public_policy"] = False
    resources["aws_s3_bucket_policy"]["media_policy"]["policy"] = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": "${aws_s3_bucket.media.arn}/*",
                }
            ],
        }
    )
    role = resources["aws_iam_role"]["core_api_role"]
    role["assume_role_policy"] = (
        role["assume_role_policy"].replace("StringEquals", "StringLike").replace(':core-api"', ':*"')
    )
    policy = resources["aws_iam_role_policy"]["core_api_role_media"]
    policy["policy"] = policy["policy"].replace('"s3:GetObject"', '"s3:*"')
    resources["kubernetes_service_v1"]["web_service"]["spec"]["type"] = "LoadBalancer"
    resources["postgresql_grant"]["database_public"]["privileges"] = ["CONNECT"]


def _neighbour(stack: Stack) -> None:
    """Production's names in staging, as from a copied line."""
    container = _container(stack)
    next(row for row in container["env"] if row["name"] == "S3_MEDIA_BUCKET")["value"] = (
        "mosaic-prod-media-033691785857"
    )
    secret = stack["resource"]["kubernetes_manifest"]["secrets_database_credentials"]["manifest"]
    for row in secret["spec"]["data"]:
        row["remoteRef"]["key"] = "mosaic/prod/rds/credentials"


def _planted(stack: Stack) -> None:
    """A value that Terraform knows is secret, the same value where it does not, and markup in values and addresses."""
    _container(stack)["env"] += [
        {"name": "PLANTED_SENSITIVE", "value": f'${{sensitive("{PLANTED}")}}'},
        {"name": "PLANTED_PLAIN", "value": f"https://user:{PLANTED}@example.com/{PLANTED}"},
        {"name": "MARKUP", "value": MARKUP},
    ]
    stack["resource"]["kubernetes_service_account_v1"]["web_account"]["metadata"]["annotations"] = {
        "example.com/markup": MARKUP
    }
    stack["output"]["planted"] = {"value": f'${{sensitive("{PLANTED}")}}', "sensitive": True}


def _remove(stack: Stack, *addresses: str) -> None:
    """Remove resources from the stack, and from their dependents."""
    for address in addresses:
        type_, name = address.split(".")
        del stack["resource"][type_][name]
        if not stack["resource"][type_]:
            del stack["resource"][type_]
    for bodies in stack["resource"].values():
        for body in bodies.values():
            if "depends_on" in body:
                body["depends_on"] = [row for row in body["depends_on"] if row not in addresses]


def _container(stack: Stack) -> dict[str, Any]:
    spec = stack["resource"]["kubernetes_deployment_v1"]["core_api_deployment"]["spec"]["template"]["spec"]
    container = spec["container"]
    found: dict[str, Any] = container[0] if isinstance(container, list) else container
    return found


def _backups_dropped(stack: Stack) -> None:
    """Remove the backups bucket: its prevent_destroy disappears with its construct."""
    addresses = [f"{type_}.{name}" for type_, bodies in stack["resource"].items() for name in bodies]
    _remove(stack, *(row for row in addresses if ".backups" in row or row.endswith(".core_api_role_backups")))
    stack["resource"]["aws_iam_role_policies_exclusive"]["core_api_role_policies"]["policy_names"] = [
        "media",
        "secrets",
    ]
    stack["import"] = [row for row in stack.get("import", []) if not row["to"].endswith(".backups")]
    del stack["output"]["backups_bucket"]
    _shorter_retention(stack)


def _shorter_retention(stack: Stack) -> None:
    rules = stack["resource"]["aws_s3_bucket_lifecycle_configuration"]["media_lifecycle"]["rule"]
    next(rule for rule in rules if rule["id"] == "expire-old-versions")["noncurrent_version_expiration"] = [
        {"noncurrent_days": 1}
    ]


def _database_renamed(stack: Stack) -> None:
    """Terraform itself refuses this: the bucket is protected, and its name cannot change in place."""
    stack["resource"]["aws_s3_bucket"]["media"]["bucket"] = "mosaic-prod-uploads-033691785857"


STAGING: dict[str, Edit] = {
    "empty": _unchanged,
    "replicas": _replicas,
    "image": _image,
    "rotation": _rotated,
    "replacement": _bucket_renamed,
    "loosened": _loosened,
    "neighbour": _neighbour,
    "planted": _planted,
}
PROD: dict[str, Edit] = {
    "empty": _unchanged,
    "destroy": _backups_dropped,
    "failed": _database_renamed,
}
