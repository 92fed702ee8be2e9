"""The rules in names.py: only objects with this environment's names may be touched."""

from typing import Any

import pytest

from delivery.policy.rules.names import RULES
from modules.model.selected_settings import SHARED
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import METADATA, Cases, assert_said, kubernetes, rules_broken_by

ACCOUNT = SHARED.account
ADMINISTRATOR = "mosaic/prod/rds/credentials"


def _application(name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": SHARED.argocd.namespace}
    return {"manifest": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata}}


CHANGES: Cases = {
    "the environment's own Argo CD Application": (
        resource("kubernetes_manifest", "create", None, _application("mosaic-life-staging")),
        None,
    ),
    "another environment's Argo CD Application": (
        resource("kubernetes_manifest", "create", None, _application("mosaic-life-test")),
        "BLOCKING names kubernetes_manifest.x is in the namespace argocd, not in mosaic-staging",
    ),
    "another environment's name": (
        resource(
            "kubernetes_deployment_v1",
            "change",
            {"metadata": METADATA},
            kubernetes(value="mosaic-prod-media-033691785857"),
        ),
        "BLOCKING names kubernetes_deployment_v1.x names mosaic-prod-media-033691785857, which belongs to prod",
    ),
    "the ARN of another environment's secret": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(
                value=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:mosaic/prod/session/secret-key-Ab12Cd"
            ),
        ),
        "BLOCKING names kubernetes_deployment_v1.x names mosaic/prod/session/secret-key, which belongs to prod",
    ),
    "another environment's database, which is called as the project is": (
        resource("postgresql_grant", "create", None, {"database": "mosaic", "role": "mosaic_staging"}),
        "BLOCKING names postgresql_grant.x names mosaic, which belongs to prod",
    ),
    "the project's name at the start of an own path": (
        resource(
            "aws_secretsmanager_secret", "create", None, {"name": "mosaic/staging/session/secret-key", "policy": "{}"}
        ),
        None,
    ),
    "the login of the database server's administrator": (
        resource(
            "kubernetes_manifest",
            "create",
            None,
            {
                "manifest": {
                    "apiVersion": "external-secrets.io/v1",
                    "kind": "ExternalSecret",
                    "metadata": METADATA[0],
                    "spec": {"data": [{"remoteRef": {"key": ADMINISTRATOR}}]},
                }
            },
        ),
        f"BLOCKING names kubernetes_manifest.x names {ADMINISTRATOR}, "
        "which belongs to the database server's administrator",
    ),
    "that login in a policy that leaves the end of its ARN open": (
        resource(
            "aws_sns_topic_policy",
            "create",
            None,
            {"policy": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{ADMINISTRATOR}-??????"},
        ),
        f"BLOCKING names aws_sns_topic_policy.x names {ADMINISTRATOR}, "
        "which belongs to the database server's administrator",
    ),
    "another environment's name in a sensitive value": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(value="postgresql://mosaic_prod:hunter2@host/core"),
            after_sensitive={"spec": [{"value": True}]},
        ),
        "BLOCKING names kubernetes_deployment_v1.x names mosaic_prod, which belongs to prod",
    ),
    "what all environments share": (
        resource(
            "kubernetes_deployment_v1",
            "create",
            None,
            kubernetes(
                values=["mosaic-prod-aurora", "mosaic/prod/google-oauth", ".mosaiclife.me", "stage.mosaiclife.me"]
            ),
        ),
        None,
    ),
    "a sender in the domain that all share": (
        resource("kubernetes_deployment_v1", "create", None, kubernetes(value="noreply@mosaiclife.me")),
        None,
    ),
    "a host behind a name that looks like a sender's": (
        resource("kubernetes_deployment_v1", "create", None, kubernetes(value="https://noreply@mosaiclife.me/")),
        "BLOCKING names kubernetes_deployment_v1.x names mosaiclife.me, which belongs to prod",
    ),
    "a name that is none of the environment": (
        resource("aws_s3_bucket", "create", None, {"bucket": "mosaic-staging-uploads"}),
        "BLOCKING names aws_s3_bucket.x is named mosaic-staging-uploads, which is no name of this environment",
    ),
    "an object of another namespace": (
        resource("kubernetes_config_map_v1", "create", None, {"metadata": [{"name": "x", "namespace": "kube-system"}]}),
        "BLOCKING names kubernetes_config_map_v1.x is in the namespace kube-system, not in mosaic-staging",
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
        "BLOCKING names kubernetes_manifest.x is in the namespace (none: the whole cluster), not in mosaic-staging",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_name_that_a_plan_touches(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}
