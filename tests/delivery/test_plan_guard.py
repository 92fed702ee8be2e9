"""The guard on real plans of the stacks, and each rule by a change that breaks it and one that does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.overrides import Overrides
from delivery.plan_guard import main
from delivery.rules.table import RULES
from environments.shared import SHARED
from tests.delivery.plan_documents import (
    FOLDER,
    document,
    plan,
    real_verdict,
    resource,
    said,
    stack,
    verdict,
)

ACCOUNT = SHARED.account
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "plan-guard.md"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: object, resources: object = None, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, **({"Resource": resources} if resources else {}), **more}


def trust(subject: object, operator: str = "StringEquals", **conditions: object) -> str:
    return policy(
        allow(
            "sts:AssumeRoleWithWebIdentity",
            Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer"},
            Condition={operator: {"issuer:sub": subject, "issuer:aud": "sts.amazonaws.com", **conditions}},
        )
    )


MEDIA = "arn:aws:s3:::mosaic-staging-media-033691785857"
OWN = "system:serviceaccount:mosaic-staging:core-api"
READ = allow(["s3:GetObject"], [f"{MEDIA}/*"])
TLS: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [MEDIA, f"{MEDIA}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
OPENED = "STOPS network-policy kubernetes_network_policy_v1.x would also let traffic through"
METADATA = [{"name": "x", "namespace": "mosaic-staging"}]
BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)


def role(document_: str) -> dict[str, Any]:
    return {"name": "mosaic-staging-core-api-role", "assume_role_policy": document_}


def role_policy(document_: str) -> dict[str, Any]:
    return {"name": "media", "role": "mosaic-staging-core-api-role", "policy": document_}


def labels(**levels: str) -> dict[str, Any]:
    values = {f"pod-security.kubernetes.io/{mode.replace('_', '-')}": level for mode, level in levels.items()}
    return {"metadata": [{"name": "mosaic-staging", "labels": values}]}


def network(*ingress: dict[str, Any], egress: tuple[dict[str, Any], ...] = (), types: object = None) -> dict[str, Any]:
    spec = {
        "pod_selector": [{}],
        "policy_types": types or ["Ingress", "Egress"],
        "ingress": list(ingress),
        "egress": list(egress),
    }
    return {"metadata": METADATA, "spec": [spec]}


def rule(side: str, cidr: str | None, port: str | None = "8080") -> dict[str, Any]:
    peers = [{"ip_block": [{"cidr": cidr}]}] if cidr else []
    return {side: peers, "ports": [{"port": port, "protocol": "TCP"}] if port else []}


def kubernetes(**spec: object) -> dict[str, Any]:
    return {"metadata": METADATA, "spec": [spec]}


def lifecycle(days: int | None) -> dict[str, Any]:
    return {"rule": [{"id": "expire", "status": "Enabled", "expiration": [{"days": days}] if days else []}]}


def grant(role_: str, *privileges: str) -> dict[str, Any]:
    return {"role": role_, "object_type": "database", "privileges": list(privileges)}


# Each: what happens to a resource of staging, and what the guard says of it; None where it says nothing.
CHANGES: dict[str, tuple[dict[str, Any], str | None]] = {
    "a bucket is made": (
        resource("aws_s3_bucket", "create", None, {"bucket": "mosaic-staging-media-033691785857"}),
        None,
    ),
    "a bucket is destroyed": (
        resource("aws_s3_bucket", "destroy", {"bucket": "mosaic-staging-media-033691785857"}),
        "NAMED data-loss aws_s3_bucket.x would be destroyed: the bucket and the objects in it",
    ),
    "a secret's value is replaced by a rotation": (
        resource("aws_secretsmanager_secret_version", "replace", {"version_id": "1"}, {"version_id": "2"}),
        None,
    ),
    "a secret's value is destroyed": (
        resource("aws_secretsmanager_secret_version", "destroy", {"version_id": "1"}),
        "NAMED data-loss aws_secretsmanager_secret_version.x would be destroyed: the secret's value of today",
    ),
    "a database is forgotten": (
        resource("postgresql_database", "forget", {"name": "core_staging", "owner": "mosaic_staging"}),
        "NAMED data-loss postgresql_database.x would no longer be managed, nor protected: "
        "the database and every table in it",
    ),
    "versions are suspended": (
        resource(
            "aws_s3_bucket_versioning",
            "change",
            {"versioning_configuration": [{"status": "Enabled"}]},
            {"versioning_configuration": [{"status": "Suspended"}]},
        ),
        "NAMED data-protection aws_s3_bucket_versioning.x versions would no longer be kept: "
        "an overwritten object is lost",
    ),
    "backups expire sooner": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(365), lifecycle(30)),
        "NAMED data-protection aws_s3_bucket_lifecycle_configuration.x objects would be deleted after 30 days "
        "instead of after 365",
    ),
    "objects that stayed expire": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(None), lifecycle(30)),
        "NAMED data-protection aws_s3_bucket_lifecycle_configuration.x objects would be deleted after 30 days "
        "instead of never",
    ),
    "backups expire later": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(30), lifecycle(365)),
        None,
    ),
    "a bucket may be destroyed with its objects": (
        resource(
            "aws_s3_bucket",
            "change",
            {"bucket": "mosaic-staging-media-033691785857", "force_destroy": False},
            {"bucket": "mosaic-staging-media-033691785857", "force_destroy": True},
        ),
        "NAMED data-protection aws_s3_bucket.x could from now on be destroyed with the objects in it",
    ),
    "a secret is gone sooner": (
        resource(
            "aws_secretsmanager_secret",
            "change",
            {"name": "mosaic/staging/session/secret-key", "recovery_window_in_days": 30},
            {"name": "mosaic/staging/session/secret-key", "recovery_window_in_days": 0},
        ),
        "NAMED data-protection aws_secretsmanager_secret.x once deleted, could be restored for 0 days instead of 30",
    ),
    "another environment's name": (
        resource(
            "kubernetes_deployment_v1",
            "change",
            {"metadata": METADATA},
            kubernetes(value="mosaic-prod-media-033691785857"),
        ),
        "STOPS names kubernetes_deployment_v1.x names mosaic-prod-media-033691785857, which belongs to prod",
    ),
    "the ARN of another environment's secret": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(value=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:mosaic/prod/rds/credentials-Ab12Cd"),
        ),
        "STOPS names kubernetes_deployment_v1.x names mosaic/prod/rds/credentials, which belongs to prod",
    ),
    "another environment's name in a sensitive value": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(value="postgresql://mosaic_prod:hunter2@host/core"),
            after_sensitive={"spec": [{"value": True}]},
        ),
        "STOPS names kubernetes_deployment_v1.x names mosaic_prod, which belongs to prod",
    ),
    "what all environments share": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(values=["mosaic-prod-db", "mosaic/prod/google-oauth", ".mosaiclife.me", "stage.mosaiclife.me"]),
        ),
        None,
    ),
    "a name that is none of the environment": (
        resource("aws_s3_bucket", "create", None, {"bucket": "mosaic-staging-uploads"}),
        "STOPS names aws_s3_bucket.x is named mosaic-staging-uploads, which is no name of this environment",
    ),
    "an object of another namespace": (
        resource("kubernetes_config_map_v1", "create", None, {"metadata": [{"name": "x", "namespace": "kube-system"}]}),
        "STOPS names kubernetes_config_map_v1.x is in the namespace kube-system, not in mosaic-staging",
    ),
    "an object of the whole cluster": (
        resource(
            "kubernetes_manifest",
            "create",
            None,
            {
                "manifest": {
                    "apiVersion": "external-secrets.io/v1",
                    "kind": "ClusterSecretStore",
                    "metadata": {"name": "x"},
                }
            },
        ),
        "STOPS names kubernetes_manifest.x is in the namespace (none: the whole cluster), not in mosaic-staging",
    ),
    "a host that is none of the environment": (
        resource("kubernetes_ingress_v1", "change", kubernetes(), kubernetes(rule=[{"host": "staging.mosaiclife.me"}])),
        "STOPS names kubernetes_ingress_v1.x would serve staging.mosaiclife.me, which is no host of this environment",
    ),
    "an ingress for every host": (
        resource("kubernetes_ingress_v1", "change", kubernetes(), kubernetes(rule=[{"http": []}])),
        "STOPS names kubernetes_ingress_v1.x would serve every host, which is no host of this environment",
    ),
    "public access is blocked": (
        resource("aws_s3_bucket_public_access_block", "create", None, BLOCKED),
        None,
    ),
    "public access is not blocked": (
        resource("aws_s3_bucket_public_access_block", "create", None, {**BLOCKED, "restrict_public_buckets": False}),
        "STOPS public-bucket aws_s3_bucket_public_access_block.x would not block public access: "
        "restrict_public_buckets is off",
    ),
    "the block of public access goes": (
        resource("aws_s3_bucket_public_access_block", "destroy", BLOCKED),
        "STOPS public-bucket aws_s3_bucket_public_access_block.x would be gone: "
        "nothing keeps the bucket from being made public",
    ),
    "access lists are on again": (
        resource("aws_s3_bucket_ownership_controls", "change", {}, {"rule": [{"object_ownership": "ObjectWriter"}]}),
        "STOPS public-bucket aws_s3_bucket_ownership_controls.x would let access lists (ACLs) open single objects",
    ),
    "a public access list": (
        resource("aws_s3_bucket_acl", "create", None, {"acl": "public-read"}),
        "STOPS public-bucket aws_s3_bucket_acl.x would be open to everybody by its access list (ACL)",
    ),
    "a grant to everybody": (
        resource(
            "aws_s3_bucket_acl",
            "create",
            None,
            {
                "access_control_policy": [
                    {"grant": [{"grantee": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}]}
                ]
            },
        ),
        "STOPS public-bucket aws_s3_bucket_acl.x would be open to everybody by its access list (ACL)",
    ),
    "a web site": (
        resource("aws_s3_bucket_website_configuration", "create", None, {"bucket": "b"}),
        "STOPS public-bucket aws_s3_bucket_website_configuration.x would serve the bucket as a public web site",
    ),
    "the environment's own web pages": (
        resource(
            "aws_s3_bucket_cors_configuration",
            "create",
            None,
            {"cors_rule": [{"allowed_origins": ["https://stage.mosaiclife.me"]}]},
        ),
        None,
    ),
    "web pages of anybody": (
        resource("aws_s3_bucket_cors_configuration", "create", None, {"cors_rule": [{"allowed_origins": ["*"]}]}),
        "STOPS public-bucket aws_s3_bucket_cors_configuration.x would let web pages of * use the bucket",
    ),
    "a bucket policy of TLS only": (
        resource("aws_s3_bucket_policy", "create", None, {"policy": policy(TLS)}),
        None,
    ),
    "a bucket policy without TLS only": (
        resource("aws_s3_bucket_policy", "change", {"policy": policy(TLS)}, {"policy": policy()}),
        "STOPS public-bucket aws_s3_bucket_policy.x would not refuse connections without TLS",
    ),
    "a bucket policy of TLS only with an exception": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"policy": policy(TLS)},
            {
                "policy": policy(
                    {**TLS, "Condition": {**TLS["Condition"], "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}
                )
            },
        ),
        "STOPS public-bucket aws_s3_bucket_policy.x would not refuse connections without TLS",
    ),
    "a bucket policy that goes": (
        resource("aws_s3_bucket_policy", "destroy", {"policy": policy(TLS)}),
        "STOPS public-bucket aws_s3_bucket_policy.x would be gone: nothing refuses connections without TLS",
    ),
    "a bucket policy for another account": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"policy": policy(TLS)},
            {"policy": policy(TLS, allow("s3:GetObject", f"{MEDIA}/*", Principal={"AWS": "111122223333"}))},
        ),
        "STOPS public-bucket aws_s3_bucket_policy.x would let others in: it allows s3:GetObject on "
        f"{MEDIA}/* to AWS:arn:aws:iam::111122223333:root",
    ),
    "a bucket policy that denies less": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"policy": policy(TLS, {**TLS, "Action": "s3:PutObject", "Condition": {}})},
            {"policy": policy(TLS)},
        ),
        "STOPS public-bucket aws_s3_bucket_policy.x would no longer deny s3:PutObject on "
        f"{MEDIA}, {MEDIA}/* to everybody",
    ),
    "a bucket policy that nobody can read": (
        resource("aws_s3_bucket_policy", "change", {"policy": policy(TLS)}, {"policy": "{"}),
        "STOPS public-bucket aws_s3_bucket_policy.x has a policy that cannot be judged: it is not JSON",
    ),
    "a service inside the cluster": (
        resource("kubernetes_service_v1", "create", None, kubernetes(type="ClusterIP")),
        None,
    ),
    "a load balancer of its own": (
        resource("kubernetes_service_v1", "change", kubernetes(type="ClusterIP"), kubernetes(type="LoadBalancer")),
        "STOPS public-service kubernetes_service_v1.x would be reachable from outside by a LoadBalancer of its own",
    ),
    "a role trusts its own service account": (
        resource("aws_iam_role", "create", None, role(trust(OWN))),
        None,
    ),
    "a role trusts another namespace": (
        resource("aws_iam_role", "create", None, role(trust("system:serviceaccount:default:x"))),
        "STOPS rights aws_iam_role.x would allow more than a new policy may: sts:AssumeRoleWithWebIdentity to "
        f"Federated:arn:aws:iam::{ACCOUNT}:oidc-provider/issuer if issuer:aud StringEquals sts.amazonaws.com and "
        "issuer:sub StringEquals system:serviceaccount:default:x",
    ),
    "a role trusts without an audience": (
        resource("aws_iam_role", "create", None, role(trust(OWN).replace("issuer:aud", "issuer:iat"))),
        "STOPS rights aws_iam_role.x would allow more than a new policy may: sts:AssumeRoleWithWebIdentity to "
        f"Federated:arn:aws:iam::{ACCOUNT}:oidc-provider/issuer if issuer:iat StringEquals sts.amazonaws.com and "
        f"issuer:sub StringEquals {OWN}",
    ),
    "a role trusts one more subject": (
        resource("aws_iam_role", "change", role(trust(OWN)), role(trust([OWN, f"{OWN}-2"]))),
        "STOPS rights aws_iam_role.x would also allow sts:AssumeRoleWithWebIdentity if "
        f"issuer:sub StringEquals {OWN}, {OWN}-2",
    ),
    "a role trusts one subject less": (
        resource("aws_iam_role", "change", role(trust([OWN, f"{OWN}-2"])), role(trust(OWN))),
        None,
    ),
    "a role trusts by a pattern": (
        resource("aws_iam_role", "change", role(trust(OWN)), role(trust("*", "StringLike"))),
        "STOPS rights aws_iam_role.x would also allow sts:AssumeRoleWithWebIdentity if "
        "issuer:aud StringLike sts.amazonaws.com and issuer:sub StringLike *",
    ),
    "a role no longer trusts by a pattern": (
        resource(
            "aws_iam_role",
            "change",
            role(trust("system:serviceaccount:mosaic-staging:*", "StringLike")),
            role(trust(OWN)),
        ),
        None,
    ),
    "a role trusts another account": (
        resource(
            "aws_iam_role",
            "change",
            role(trust(OWN)),
            role(
                policy(*json.loads(trust(OWN))["Statement"], allow("sts:AssumeRole", Principal={"AWS": "111122223333"}))
            ),
        ),
        "STOPS rights aws_iam_role.x would also allow sts:AssumeRole to AWS:arn:aws:iam::111122223333:root",
    ),
    "a policy with one more action": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(allow(["s3:GetObject", "s3:DeleteBucket"], [f"{MEDIA}/*"]))),
        ),
        f"STOPS rights aws_iam_role_policy.x would also allow s3:DeleteBucket on {MEDIA}/*",
    ),
    "a policy with one more resource": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(allow(["s3:GetObject"], [f"{MEDIA}/*", "*"]))),
        ),
        "STOPS rights aws_iam_role_policy.x would also allow s3:GetObject on *",
    ),
    "a policy written otherwise": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(allow(["s3:GetObject", "s3:PutObject"], f"{MEDIA}/*"))),
            role_policy(policy(allow("s3:putobject", [f"{MEDIA}/*"]), allow("s3:GetObject", [f"{MEDIA}/uploads/*"]))),
        ),
        None,
    ),
    "a policy that allows all but something": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(READ, {"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{MEDIA}/*"})),
        ),
        f'STOPS rights aws_iam_role_policy.x would also allow NotAction "iam:*" on {MEDIA}/*',
    ),
    "a policy without its condition": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy({**READ, "Condition": {"IpAddress": {"aws:SourceIp": "10.20.0.0/16"}}})),
            role_policy(policy(READ)),
        ),
        f"STOPS rights aws_iam_role_policy.x would also allow s3:GetObject on {MEDIA}/*",
    ),
    "a policy that denies no longer": (
        resource("aws_iam_role_policy", "destroy", role_policy(policy(READ, {**READ, "Effect": "Deny"}))),
        f"STOPS rights aws_iam_role_policy.x would no longer deny s3:GetObject on {MEDIA}/*",
    ),
    "a new policy of a role that was there": (
        resource("aws_iam_role_policy", "create", None, role_policy(policy(READ))),
        f"STOPS rights aws_iam_role_policy.x would also allow s3:GetObject on {MEDIA}/*",
    ),
    "a managed policy": (
        resource(
            "aws_iam_role_policy_attachment",
            "create",
            None,
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        "STOPS rights aws_iam_role_policy_attachment.x gives rights that a plan does not show: look at it by hand",
    ),
    "policies attached by hand stay": (
        resource("aws_iam_role_policies_exclusive", "destroy", {"policy_names": ["media"]}),
        "STOPS rights aws_iam_role_policies_exclusive.x would no longer remove what is attached to the role by hand",
    ),
    "one more attachment": (
        resource(
            "aws_iam_role_policy_attachments_exclusive", "change", {"policy_arns": []}, {"policy_arns": ["arn:a"]}
        ),
        "STOPS rights aws_iam_role_policy_attachments_exclusive.x would also attach arn:a",
    ),
    "no permissions boundary": (
        resource("aws_iam_role", "change", {**role(trust(OWN)), "permissions_boundary": "arn:b"}, role(trust(OWN))),
        "STOPS rights aws_iam_role.x would lose its permissions boundary",
    ),
    "a manifest of a kind that Kubernetes defines": (
        resource(
            "kubernetes_manifest",
            "create",
            None,
            {"manifest": {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"namespace": "mosaic-staging"}}},
        ),
        "STOPS rights kubernetes_manifest.x is a manifest of rbac.authorization.k8s.io/v1: "
        "only custom resources may be one",
    ),
    "a service account with another role": (
        resource(
            "kubernetes_service_account_v1",
            "create",
            None,
            {"metadata": [{**METADATA[0], "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}}]},
        ),
        "STOPS rights kubernetes_service_account_v1.x would act as arn:aws:iam::1:role/admin; "
        f"this environment's role is arn:aws:iam::{ACCOUNT}:role/mosaic-staging-core-api-role",
    ),
    "a network policy goes": (
        resource("kubernetes_network_policy_v1", "destroy", network()),
        "STOPS network-policy kubernetes_network_policy_v1.x would be gone, if only for a while: "
        "what it forbids is allowed then",
    ),
    "one more network": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(rule("from", "10.20.0.0/24")),
            network(rule("from", "10.20.0.0/24"), rule("from", "10.20.0.0/16")),
        ),
        f"{OPENED} from 10.20.0.0/16 on TCP 8080",
    ),
    "a part of the same network": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(rule("from", "10.20.0.0/16")),
            network(rule("from", "10.20.4.0/24")),
        ),
        None,
    ),
    "a rule without a peer": (
        resource(
            "kubernetes_network_policy_v1", "change", network(rule("from", "10.20.0.0/24")), network(rule("from", None))
        ),
        f"{OPENED} from anybody on TCP 8080",
    ),
    "a rule without a port": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(rule("to", "10.20.0.0/16"),)),
            network(egress=(rule("to", "10.20.0.0/16", None),)),
        ),
        f"{OPENED} to 10.20.0.0/16 on any port",
    ),
    "a direction less": (
        resource("kubernetes_network_policy_v1", "change", network(), network(types=["Ingress"])),
        "STOPS network-policy kubernetes_network_policy_v1.x would no longer limit Egress",
    ),
    "a selector more": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(),
            {"metadata": METADATA, "spec": [{**network()["spec"][0], "pod_selector": [{"match_labels": {"a": "b"}}]}]},
        ),
        "STOPS network-policy kubernetes_network_policy_v1.x would be about other pods than before",
    ),
    "a new network policy in a namespace that was there": (
        resource("kubernetes_network_policy_v1", "create", None, network(rule("from", "10.20.0.0/24"))),
        f"{OPENED} from 10.20.0.0/24 on TCP 8080",
    ),
    "a restricted namespace": (
        resource("kubernetes_namespace_v1", "create", None, labels(enforce="restricted", warn="restricted")),
        None,
    ),
    "a namespace that is not restricted": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="restricted"), labels(enforce="baseline")),
        "STOPS pod-security kubernetes_namespace_v1.x would not enforce restricted Pod Security but baseline",
    ),
    "a namespace without Pod Security": (
        resource("kubernetes_namespace_v1", "create", None, labels()),
        "STOPS pod-security kubernetes_namespace_v1.x would not enforce restricted Pod Security but none",
    ),
    "an older Pod Security": (
        resource(
            "kubernetes_namespace_v1",
            "change",
            labels(enforce="restricted", enforce_version="latest"),
            labels(enforce="restricted", enforce_version="v1.24"),
        ),
        "STOPS pod-security kubernetes_namespace_v1.x would set pod-security.kubernetes.io/enforce-version to v1.24 "
        "instead of latest",
    ),
    "a quota goes": (
        resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"})),
        "STOPS quota kubernetes_resource_quota_v1.x would be gone: the pods may take every node of the cluster",
    ),
    "a quota limits less": (
        resource(
            "kubernetes_resource_quota_v1",
            "change",
            kubernetes(hard={"pods": "20", "limits.cpu": "8"}),
            kubernetes(hard={"pods": "20"}),
        ),
        "STOPS quota kubernetes_resource_quota_v1.x would no longer limit limits.cpu",
    ),
    "a larger quota": (
        resource(
            "kubernetes_resource_quota_v1", "change", kubernetes(hard={"pods": "20"}), kubernetes(hard={"pods": "40"})
        ),
        None,
    ),
    "PUBLIC may connect": (
        resource("postgresql_grant", "change", grant("public"), grant("public", "CONNECT")),
        "STOPS database-access postgresql_grant.x would give every role of the instance CONNECT on the database",
    ),
    "PUBLIC is no longer kept out": (
        resource("postgresql_grant", "destroy", grant("public")),
        "STOPS database-access postgresql_grant.x would be gone: "
        "nothing keeps every role of the instance away from the database",
    ),
    "another role may connect": (
        resource("postgresql_grant", "create", None, grant("reporting", "CONNECT")),
        "STOPS database-access postgresql_grant.x would give reporting rights on the database: CONNECT",
    ),
    "the administrator is a member": (
        resource("postgresql_grant_role", "create", None, {"role": "mosaic_admin", "grant_role": "mosaic_staging"}),
        None,
    ),
    "a member of another role": (
        resource("postgresql_grant_role", "create", None, {"role": "x", "grant_role": "rds_superuser"}),
        "STOPS database-access postgresql_grant_role.x would make x a member of rds_superuser",
    ),
    "a role that makes roles": (
        resource(
            "postgresql_role", "change", {"name": "mosaic_staging"}, {"name": "mosaic_staging", "create_role": True}
        ),
        "STOPS database-access postgresql_role.x would have create_role",
    ),
    "a database of another owner": (
        resource("postgresql_database", "create", None, {"name": "core_staging", "owner": "mosaic_admin"}),
        "STOPS database-access postgresql_database.x would belong to mosaic_admin",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_change(case: str) -> None:
    row, expected = CHANGES[case]
    assert said(verdict("staging", row)) == ([expected] if expected else [])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    broken = {expected.split()[1] for _, expected in CHANGES.values() if expected}
    assert broken | {"place"} == {rule_.id for rule_ in RULES}


def test_protected_environment_stops_what_another_only_names() -> None:
    row = resource("aws_s3_bucket", "replace", *[{"bucket": "mosaic-prod-media-033691785857"}] * 2)
    assert said(verdict("prod", row)) == [
        "STOPS data-loss aws_s3_bucket.x would be destroyed and made anew, empty: the bucket and the objects in it"
    ]


@pytest.mark.parametrize("is_adopted", [False, True])
def test_policy_of_a_new_role_may_only_be_exact(is_adopted: bool) -> None:  # noqa: FBT001 a parameter of the test
    importing: dict[str, Any] = {"importing": {"id": "mosaic-staging-core-api-role"}} if is_adopted else {}
    kind, before = ("change", role(trust(OWN))) if is_adopted else ("create", None)
    new_role = resource("aws_iam_role", kind, before, role(trust(OWN)), **importing)
    exact = resource("aws_iam_role_policy", "create", None, role_policy(policy(READ)))
    wide = resource("aws_iam_role_policy", "create", None, role_policy(policy(allow("s3:*", f"{MEDIA}/*"))))
    assert said(verdict("staging", new_role, exact)) == []
    assert said(verdict("staging", new_role, wide)) == [
        f"STOPS rights aws_iam_role_policy.x would allow more than a new policy may: s3:* on {MEDIA}/*"
    ]


def test_statement_may_move_between_a_roles_policies() -> None:
    rows = (
        resource("aws_iam_role_policy", "destroy", role_policy(policy(READ)), name="old"),
        resource("aws_iam_role_policy", "create", None, role_policy(policy(READ)), name="new"),
    )
    assert said(verdict("staging", *rows)) == []


def test_policy_known_after_apply_is_judged_by_its_expression() -> None:
    """A policy with a new bucket's ARN in it is unknown as a whole; the stack says what it is made from."""
    bucket = resource(
        "aws_s3_bucket", "unchanged", {}, {"bucket": "mosaic-staging-media-033691785857", "arn": MEDIA}, name="media"
    )
    unknown = resource(
        "aws_iam_role_policy",
        "change",
        role_policy(policy(READ)),
        {"name": "media", "role": "mosaic-staging-core-api-role"},
        after_unknown={"policy": True},
    )
    for expression, expected in (
        (policy(allow("s3:GetObject", "${aws_s3_bucket.media.arn}/*")), []),
        (
            policy(allow("s3:GetObject", "${aws_s3_bucket.new.arn}/*")),
            ["STOPS rights aws_iam_role_policy.x would also allow s3:GetObject on ${aws_s3_bucket.new.arn}/*"],
        ),
    ):
        assert said(verdict("staging", bucket, unknown, policy=expression)) == expected


def test_new_namespace_admits_nobody_from_everywhere() -> None:
    namespace = resource("kubernetes_namespace_v1", "create", None, labels(enforce="restricted"))
    inside = resource(
        "kubernetes_network_policy_v1",
        "create",
        None,
        network(rule("from", "10.20.0.0/24"), egress=(rule("to", "0.0.0.0/0", "443"),)),
    )
    outside = resource("kubernetes_network_policy_v1", "create", None, network(rule("from", "0.0.0.0/0")))
    assert said(verdict("staging", namespace, inside)) == []
    assert said(verdict("staging", namespace, outside)) == [f"{OPENED} from 0.0.0.0/0 on TCP 8080"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("terraform", "backend", "s3", "bucket"), "terraform.backend.s3 has bucket wrong; allowed: "),
        (
            ("terraform", "backend", "s3", "key"),
            "terraform.backend.s3 has key wrong; allowed: staging/terraform.tfstate",
        ),
        (("terraform", "backend", "s3", "encrypt"), "terraform.backend.s3 has encrypt wrong; allowed: True"),
        (("terraform", "backend"), "terraform.backend is not S3: the state would be kept elsewhere"),
        (("resource",), "aws_iam_role.x is in the plan, but not in the stack"),
    ],
)
def test_stack_elsewhere(
    place: tuple[str, ...], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = resource("aws_iam_role", "unchanged", {"name": "r"}, {"name": "r"})
    content = stack("staging", row)
    *path, last = place
    parent = content
    for step in path:
        parent = parent[step]
    parent[last] = "wrong"
    assert run("staging", document(row), content, tmp_path) == 1
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (
            {"allowed_account_ids": {"constant_value": ["111122223333"]}},
            "provider.aws has allowed_account_ids ['111122223333']; allowed: ['033691785857']",
        ),
        ({"region": {"references": ["var.region"]}}, "provider.aws has region None; allowed: us-east-1"),
        (
            {"endpoints": [{"s3": {"constant_value": "https://example.com"}}]},
            "provider.aws sends s3 to https://example.com; allowed: AWS, or loopback",
        ),
    ],
)
def test_provider_elsewhere(
    expressions: dict[str, Any], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = document()
    content["configuration"]["provider_config"]["aws"]["expressions"].update(expressions)
    assert run("staging", content, stack("staging"), tmp_path) == 1
    assert expected in capsys.readouterr().out


def test_resource_that_the_plan_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {**stack("staging"), "resource": {"aws_iam_role": {"x": {}}}}
    assert run("staging", document(), content, tmp_path) == 1
    assert "aws_iam_role.x is in the stack, but not in the plan" in capsys.readouterr().out


def run(environment: str, content: object, stack_: object, folder: Path, text: str | None = None) -> int:
    """The command line on these documents."""
    files = {"plan.json": json.dumps(content), "stack.json": json.dumps(stack_), "text.md": text or ""}
    for name, file_content in files.items():
        (folder / name).write_text(file_content)
    arguments = [environment, str(folder / "plan.json"), "--stack", str(folder / "stack.json")]
    return main([*arguments, *(["--pull-request-text", str(folder / "text.md")] if text is not None else [])])


QUOTA_GONE = resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"}))


def test_override_with_a_reason_allows_one_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because the load test needs 200 pods"
    text = f"# Load test\r\n\r\n{line}\r\n"
    assert run("staging", document(QUOTA_GONE), stack("staging", QUOTA_GONE), tmp_path, text) == 0
    assert "allowed because the load test needs 200 pods" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said_"),
    [
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x", "this is no override"),
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because ", "this is no override"),
        ("- plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so", "this is no override"),
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.y because so", "this override matches nothing"),
        (
            "plan-guard: allow data-loss staging:kubernetes_resource_quota_v1.x because so",
            "this override matches nothing",
        ),
        ("plan-guard: allow quota prod:kubernetes_resource_quota_v1.x because so", "1 findings stop"),
        ("plan-guard: allow quota stagin:kubernetes_resource_quota_v1.x because so", "this override matches nothing"),
        ("<!-- \nplan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so\n -->", "1 findings stop"),
        ("<!-- \nplan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so", "1 findings stop"),
    ],
)
def test_override_that_allows_nothing(
    text: str, said_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("staging", document(QUOTA_GONE), stack("staging", QUOTA_GONE), tmp_path, text) == 1
    assert said_ in capsys.readouterr().out


def test_control_characters_cannot_speak_to_the_runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that begins with two colons is a command to GitHub's runner."""
    row = resource("aws_s3_bucket", "create", None, {"bucket": "a\n::add-mask::b\u202e"})
    assert run("staging", document(row), stack("staging", row), tmp_path) == 1
    output = capsys.readouterr().out
    assert "\\n::add-mask::b\\u202e" in output
    assert not [line for line in output.splitlines() if line.startswith("::")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "not JSON"),
        ("[]", "not a plan"),
        ("{}", "not a plan: format_version: Field required; terraform_version: Field required"),
        (json.dumps({**document(), "format_version": "2.0"}), "not a plan: format_version"),
        (json.dumps(document(errored=True)), "the plan of a run that failed"),
        (json.dumps(document(complete=False)), "a plan of only a part"),
        (
            json.dumps(document({**QUOTA_GONE, "change": {"actions": ["pull"]}})),
            "the actions 'pull' are unknown; allowed: no-op, create, update",
        ),
    ],
)
def test_plan_that_cannot_be_judged(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    assert main(["staging", str(file), "--stack", str(FOLDER / "staging-empty.stack.json")]) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert expected in error


def test_error_shows_no_value_of_the_plan() -> None:
    with pytest.raises(ValueError, match="not a plan") as error:
        plan({**QUOTA_GONE, "change": {"actions": ["delete"], "before": "planted-secret"}})
    assert "planted-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging", "missing.json"], "missing.json: the plan cannot be read"),
        (
            ["nowhere", str(FOLDER / "staging-empty.plan.json"), "--stack", str(FOLDER / "staging-empty.stack.json")],
            "environment 'nowhere' is unknown; allowed: prod, staging",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--stack", "missing.json"],
            "missing.json: the stack cannot be read",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--stack", str(FOLDER / "staging-empty.plan.json")],
            "not a synthesized stack",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--pull-request-text", "missing.md"],
            "missing.md: the pull request's text cannot be read",
        ),
    ],
)
def test_input_that_cannot_be_read(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "staging-create",
        "staging-empty",
        "staging-replicas",
        "staging-image",
        "staging-rotation",
        "staging-planted",
        "prod-adopt",
        "prod-empty",
    ],
)
def test_real_plan_passes(name: str) -> None:
    assert said(real_verdict(name)) == []


def test_unreadable_lines_are_kept_as_they_are() -> None:
    assert Overrides.of("plan-guard: please").unreadable == ("plan-guard: please",)


def test_documentation_has_every_rule() -> None:
    text = DOCUMENTATION.read_text()
    for rule_ in RULES:
        assert f"| `{rule_.id}` | {rule_.blocks} | {rule_.reason} |" in text
