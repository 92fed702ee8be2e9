"""Another environment or shared objects are touched, by names, permissions, services and hosts."""

import json

from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import (
    add,
    add_item,
    drop,
    mark,
    put,
    put_in_stack,
    remove,
)

_ACCOUNT = "033691785857"
_ROLE, _POLICY = "aws_iam_role.core_api_role", "aws_iam_role_policy.core_api_role_media"
_POLICIES, _ATTACHMENTS = (
    f"aws_iam_role_{kind}_exclusive.core_api_role_{end}"
    for kind, end in (("policies", "policies"), ("policy_attachments", "attachments"))
)
_ACCOUNT_OF_PODS, _SERVICE = "kubernetes_service_account_v1.core_api_account", "kubernetes_service_v1.web_service"
_PLACE = [{"name": "x", "namespace": "mosaic-staging"}]
_BUCKET = "arn:aws:s3:::mosaic-staging-media-033691785857"


def _document(action: object, resource: object = None, effect: str = "Allow", **more: object) -> str:
    statement = {"Effect": effect, "Action": action, **({"Resource": resource} if resource else {}), **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(subject: object, operator: str = "StringEquals") -> str:
    issuer = "oidc.eks.us-east-1.amazonaws.com/id/0A42A5C01D7088CF91101DA31F6A8D08"
    condition = {operator: {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}}
    principal = {"Federated": f"arn:aws:iam::{_ACCOUNT}:oidc-provider/{issuer}"}
    return _document("sts:AssumeRoleWithWebIdentity", Principal=principal, Condition=condition)


ATTACKS = (
    *(
        attack(f"a role trusts {whom}, in {on}", on, "permissions", put(_ROLE, "assume_role_policy", document))
        for on in ("staging", "staging, first plan")
        for whom, document in (
            ("the whole namespace", _trust("system:serviceaccount:mosaic-staging:*", "StringLike")),
            ("another account of pods", _trust("system:serviceaccount:mosaic-staging:web")),
            ("another namespace", _trust("system:serviceaccount:default:core-api")),
            (
                "two accounts of pods",
                _trust([f"system:serviceaccount:mosaic-staging:{name}" for name in ("core-api", "x")]),
            ),
            ("everybody", _document("sts:AssumeRole", Principal="*")),
            ("the whole account", _document("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{_ACCOUNT}:root"})),
            ("another account", _document("sts:AssumeRole", Principal={"AWS": "111122223333"})),
            ("a service", _document("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})),
            ("what is no policy", "{"),
        )
    ),
    *(
        attack(f"a role may {what}, in {on}", on, "permissions", put(_POLICY, "policy", document))
        for on in ("staging", "staging, first plan")
        for what, document in (
            ("do everything", _document("*", "*")),
            ("do all of S3", _document("s3:*", f"{_BUCKET}/*")),
            ("read any secret", _document("secretsmanager:GetSecretValue", "*")),
            ("become another role", _document("sts:AssumeRole", f"arn:aws:iam::{_ACCOUNT}:role/Admin")),
            ("read another bucket", _document("s3:GetObject", "arn:aws:s3:::shared-assets/*")),
            (
                "do all but one thing",
                json.dumps({"Statement": [{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}]}),
            ),
            ("use a key", _document("kms:Decrypt", f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/a")),
        )
    ),
    *(
        attack(f"{title}, in {on}", on, "permissions", edit)
        for on in ("staging", "staging, first plan")
        for title, edit in (
            ("a policy that is unknown", mark(_POLICY, "policy", "unknown")),
            ("a trust that is unknown", mark(_ROLE, "assume_role_policy", "unknown")),
            ("no boundary", drop(_ROLE, "permissions_boundary")),
            ("a foreign boundary", put(_ROLE, "permissions_boundary", "arn:aws:iam::aws:policy/AdministratorAccess")),
            ("an unknown boundary", mark(_ROLE, "permissions_boundary", "unknown")),
            ("inline policies", put(_ROLE, "inline_policy", [{"name": "x", "policy": _document("*", "*")}])),
            ("managed policies", put(_ROLE, "managed_policy_arns", ["arn:aws:iam::aws:policy/AdministratorAccess"])),
            (
                "a managed policy is attached",
                put(_ATTACHMENTS, "policy_arns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
            ),
            ("unknown policies are attached", mark(_ATTACHMENTS, "policy_arns", "unknown")),
            ("a policy that was made by hand is kept", add_item(_POLICIES, "policy_names", "by-hand")),
            (
                "pods act as another role",
                put(_ACCOUNT_OF_PODS, "metadata/0/annotations/eks.amazonaws.com~role-arn", "arn:aws:iam::1:role/admin"),
            ),
            (
                "pods act as an unknown role",
                mark(_ACCOUNT_OF_PODS, "metadata/0/annotations/eks.amazonaws.com~role-arn", "unknown"),
            ),
            ("pods have a token", put(_ACCOUNT_OF_PODS, "automount_service_account_token", value=True)),
            (
                "a secret is given away",
                put(
                    "aws_secretsmanager_secret.session_key",
                    "policy",
                    _document("secretsmanager:GetSecretValue", "*", Principal="*"),
                ),
            ),
        )
    ),
    attack("a policy that is hidden", "staging", "permissions", mark(_POLICY, "policy", "hidden")),
    attack(
        "pods act as what is hidden",
        "staging",
        "permissions",
        put(_ACCOUNT_OF_PODS, "metadata.0.annotations", {"a": "b"}),
        mark(_ACCOUNT_OF_PODS, "metadata.0.annotations", "hidden"),
    ),
    attack("what removes policies goes", "staging", "permissions", remove(_POLICIES)),
    attack("what removes attachments is forgotten", "staging", "permissions", remove(_ATTACHMENTS, "forget")),
    *(
        attack(title, "staging", "names", edit)
        for title, edit in (
            ("a bucket of no environment", put("aws_s3_bucket.media", "bucket", "mosaic-uploads")),
            ("a bucket of unknown name", mark("aws_s3_bucket.media", "bucket", "unknown")),
            ("a role of no environment", put(_ROLE, "name", "deployers")),
            ("an object of another namespace", put(_SERVICE, "metadata.0.namespace", "kube-system")),
            ("an object of an unknown namespace", mark(_SERVICE, "metadata.0.namespace", "unknown")),
            ("an object of no namespace", drop(_SERVICE, "metadata.0.namespace")),
            (
                "production's bucket in a variable",
                put(
                    "kubernetes_deployment_v1.web_deployment",
                    "spec.0.template.0.metadata.0.annotations",
                    {"a": "mosaic-prod-media-033691785857"},
                ),
            ),
            (
                "production's key as a label",
                put("kubernetes_deployment_v1.web_deployment", "metadata/0/labels/mosaic-prod", "a"),
            ),
            (
                "what is about another bucket",
                put("aws_s3_bucket_versioning.media_versioning", "bucket", "shared-assets"),
            ),
            ("what is about an unknown bucket", mark("aws_s3_bucket_versioning.media_versioning", "bucket", "unknown")),
            ("a grant on another database", put("postgresql_grant.database_planner_connect", "database", "postgres")),
            (
                "production's secret is read by the stack",
                put_in_stack("data.aws_secretsmanager_secret.other", {"name": "mosaic/prod/session/secret-key"}),
            ),
            ("production's secret is in a local", put_in_stack("locals", {"path": "mosaic/prod/session/secret-key"})),
            (
                "production's login is opened",
                put_in_stack(
                    "ephemeral.aws_secretsmanager_secret_version.x", {"secret_id": "mosaic/prod/database/deploy"}
                ),
            ),
        )
    ),
    *(
        attack(title, "staging", "public-service", edit)
        for title, edit in (
            *(
                (f"a service of type {kind}", put(_SERVICE, "spec.0.type", kind))
                for kind in ("LoadBalancer", "NodePort", "ExternalName")
            ),
            ("a service of an unknown type", mark(_SERVICE, "spec.0.type", "unknown")),
            ("a service of a hidden type", mark(_SERVICE, "spec.0.type", "hidden")),
            ("external addresses", put(_SERVICE, "spec.0.external_ips", ["203.0.113.1"])),
            ("external addresses that are unknown", mark(_SERVICE, "spec.0.external_ips", "unknown")),
            ("another name", put(_SERVICE, "spec.0.external_name", "evil.example")),
            (
                "a public name",
                put(_SERVICE, "metadata/0/annotations/external-dns.alpha.kubernetes.io~hostname", "mosaiclife.me"),
            ),
            ("unknown annotations", mark(_SERVICE, "metadata.0.annotations", "unknown")),
            (
                "a further service, imported",
                add("kubernetes_service_v1.x", {"metadata": _PLACE, "spec": [{"type": "NodePort"}]}, imported="a/b"),
            ),
            (
                "a further service of another version",
                add("kubernetes_service.x", {"metadata": _PLACE, "spec": [{"type": "NodePort"}]}),
            ),
        )
    ),
    *(
        attack(title, "staging", "wrong-target", edit)
        for title, edit in (
            ("the state of another environment", put_in_stack("terraform.backend.s3.key", "prod/terraform.tfstate")),
            ("a state without a lock", put_in_stack("terraform.backend.s3.use_lockfile", value=False)),
            ("a state elsewhere", put_in_stack("terraform.backend", {"http": {"address": "https://evil.example"}})),
        )
    ),
)
