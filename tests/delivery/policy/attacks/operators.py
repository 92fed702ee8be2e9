"""Operators and load balancers are made to act for somebody else: custom resources, ingresses, images, secrets."""

from collections.abc import Mapping
from typing import Any

from modules.model.argocd_application import argocd_application
from modules.model.names import Names
from tests.account import SETTINGS
from tests.delivery.policy.attacks.attack import Edit, attack
from tests.delivery.policy.attacks.edits import add, add_item, drop, mark, output, put, put_in_stack

_SECRET, _STORE = "kubernetes_manifest.secrets_session_secret", "kubernetes_manifest.secret_store"
_INGRESS, _DEPLOYMENT = "kubernetes_ingress_v1.web_ingress", "kubernetes_deployment_v1.web_deployment"
_JOB = "kubernetes_job_v1.migration"
_ANNOTATION = "metadata/0/annotations/alb.ingress.kubernetes.io~"
_CONTAINER = "spec.0.template.0.spec.0.container.0"
_REGISTRY = "033691785857.dkr.ecr.us-east-1.amazonaws.com"
_STAGING = SETTINGS.find("staging")


def _application(**changes: object) -> Edit:
    """The stack's Application if Argo CD delivers, with these changes."""
    made: dict[str, Any] = argocd_application(_STAGING, SETTINGS.shared, Names.of(_STAGING, SETTINGS.shared))
    made["spec"]["sources"][0]["helm"]["values"] = (
        '{"global": {"aws": {"certificateArn": "a"}}, "coreApi": {"podAnnotations": '
        '{"mosaic-life/database-credentials": "1", "mosaic-life/session-key": "1", '
        '"mosaic-life/internal-api-token": "1"}}}'
    )
    for path, value in changes.items():
        *way, last = path.split("__")
        tree: Any = made
        for step in way:
            tree = tree[int(step)] if step.isdigit() else tree[step]
        tree[last] = value
    return add("kubernetes_manifest.argocd_application", {"manifest": made})


def _custom(kind: str, group: str = "external-secrets.io/v1", **spec: object) -> Mapping[str, Any]:
    metadata = {"name": "x", "namespace": "mosaic-staging"}
    return {"manifest": {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}}


_APPLICATIONS: dict[str, dict[str, Any]] = {
    "a repository of somebody else's": {"spec__sources__0__repoURL": "https://evil.example/chart"},
    "another branch": {"spec__sources__0__targetRevision": "evil"},
    "another chart": {"spec__sources__0__path": "charts/evil"},
    "values of somebody else's": {"spec__sources__1__repoURL": "https://evil.example/values"},
    "a further source": {"spec__source": {"repoURL": "https://evil.example"}},
    "another project": {"spec__project": "default"},
    "another cluster": {"spec__destination": {"server": "https://evil.example", "namespace": "mosaic-staging"}},
    "another namespace": {"spec__destination__namespace": "kube-system"},
    "a finalizer": {"metadata__finalizers": ["resources-finalizer.argocd.argoproj.io"]},
    "notifications": {"metadata__annotations": {"notifications.argoproj.io/subscribe.x": "y"}},
    "values that set an image": {"spec__sources__0__helm__values": '{"web": {"image": {"repository": "evil"}}}'},
    "parameters": {"spec__sources__0__helm__parameters": [{"name": "a", "value": "b"}]},
    "differences that are ignored": {"spec__ignoreDifferences": [{"kind": "Secret"}]},
    "no pruning": {"spec__syncPolicy__automated": {}},
}

ATTACKS = (
    *(
        attack(f"the Application has {what}", "staging", "custom-resources", _application(**changes))
        for what, changes in _APPLICATIONS.items()
    ),
    *(
        attack(title, "staging", "custom-resources", edit)
        for title, edit in (
            ("another path", put(_SECRET, "manifest.spec.data.0.remoteRef.key", "shared/stripe/key")),
            ("an unknown path", mark(_SECRET, "manifest.spec.data.0.remoteRef.key", "unknown")),
            ("a hidden path", mark(_SECRET, "manifest.spec.data", "hidden")),
            ("whatever is found", put(_SECRET, "manifest.spec.dataFrom", [{"find": {"name": {"regexp": ".*"}}}])),
            ("whatever is extracted", put(_SECRET, "manifest.spec.dataFrom", [{"extract": {"key": "a"}}])),
            ("a source of its own", put(_SECRET, "manifest.spec.data.0.sourceRef", {"storeRef": {"name": "x"}})),
            ("another store", put(_SECRET, "manifest.spec.secretStoreRef.name", "everything")),
            ("the cluster's store", put(_SECRET, "manifest.spec.secretStoreRef.kind", "ClusterSecretStore")),
            ("an unknown store", mark(_SECRET, "manifest.spec.secretStoreRef", "unknown")),
            ("an unknown key", put(_SECRET, "manifest.spec.data.0.remoteRef.version", "AWSPREVIOUS")),
            ("another target", put(_SECRET, "manifest.spec.target.name", "default-token")),
            (
                "labels of the Secret",
                put(_SECRET, "manifest.spec.target.template", {"metadata": {"labels": {"a": "b"}}}),
            ),
            ("a further ExternalSecret", add("kubernetes_manifest.x", _custom("ExternalSecret", data=[]))),
            ("an old version", put(_SECRET, "manifest.apiVersion", "external-secrets.io/v1beta1")),
            ("another region", put(_STORE, "manifest.spec.provider.aws.region", "eu-west-1")),
            ("a role of its own", put(_STORE, "manifest.spec.provider.aws.role", "arn:aws:iam::1:role/a")),
            ("another account", put(_STORE, "manifest.spec.provider.aws.auth.jwt.serviceAccountRef.name", "core-api")),
            (
                "an account elsewhere",
                put(_STORE, "manifest.spec.provider.aws.auth.jwt.serviceAccountRef.namespace", "argocd"),
            ),
            ("no authentication", drop(_STORE, "manifest.spec.provider.aws.auth")),
            ("an empty key more", put(_STORE, "manifest.spec.provider.aws.auth.secretRef", {})),
            ("a second provider", put(_STORE, "manifest.spec.provider.fake", {"data": []})),
            ("conditions", put(_STORE, "manifest.spec.conditions", [{"namespaces": ["mosaic-prod"]}])),
            ("another store's name", put(_STORE, "manifest.metadata.name", "second")),
            ("an unknown manifest", mark(_STORE, "manifest.spec", "unknown")),
            *(
                (f"a {kind}", add("kubernetes_manifest.x", _custom(kind, group)))
                for kind, group in (
                    ("PushSecret", "external-secrets.io/v1alpha1"),
                    ("ClusterExternalSecret", "external-secrets.io/v1"),
                    ("Password", "generators.external-secrets.io/v1alpha1"),
                    ("RoleBinding", "rbac.authorization.k8s.io/v1"),
                    ("Deployment", "apps/v1"),
                    ("Secret", "v1"),
                    ("ApplicationSet", "argoproj.io/v1alpha1"),
                    ("Workflow", "argoproj.io/v1alpha1"),
                    ("TargetGroupBinding", "elbv2.k8s.aws/v1beta1"),
                    ("IngressClassParams", "elbv2.k8s.aws/v1beta1"),
                    ("Certificate", "cert-manager.io/v1"),
                )
            ),
        )
    ),
    *(
        attack(f"{title}, in {on}", on, "ingress", edit)
        for on in ("staging", "staging, first plan")
        for title, edit in (
            ("every host", drop(_INGRESS, "spec.0.rule.0.host")),
            ("an unknown host", mark(_INGRESS, "spec.0.rule.0.host", "unknown")),
            ("unknown rules", mark(_INGRESS, "spec.0.rule", "unknown")),
            ("a host of nobody", put(_INGRESS, "spec.0.rule.0.host", "www2.mosaiclife.me")),
            ("a default backend", put(_INGRESS, "spec.0.default_backend", [{"service": [{"name": "web"}]}])),
            ("another class", put(_INGRESS, "spec.0.ingress_class_name", "nginx")),
            ("no class", drop(_INGRESS, "spec.0.ingress_class_name")),
            (
                "TLS for another host",
                put(_INGRESS, "spec.0.tls", [{"hosts": ["www2.mosaiclife.me"], "secret_name": "a"}]),
            ),
            ("another group", put(_INGRESS, f"{_ANNOTATION}group.name", "internal")),
            ("the place of another", put(_INGRESS, f"{_ANNOTATION}group.order", "1")),
            ("actions of its own", put(_INGRESS, f"{_ANNOTATION}actions.web", '{"type": "redirect"}')),
            ("conditions of its own", put(_INGRESS, f"{_ANNOTATION}conditions.web", "[]")),
            ("a plain listener", put(_INGRESS, f"{_ANNOTATION}listen-ports", '[{"HTTP": 80}]')),
            ("an old TLS policy", put(_INGRESS, f"{_ANNOTATION}ssl-policy", "ELBSecurityPolicy-2016-08")),
            (
                "a foreign certificate",
                put(_INGRESS, f"{_ANNOTATION}certificate-arn", "arn:aws:acm:us-east-1:1:certificate/a"),
            ),
            ("attributes of the load balancer", put(_INGRESS, f"{_ANNOTATION}load-balancer-attributes", "a=b")),
            ("security groups", put(_INGRESS, f"{_ANNOTATION}security-groups", "sg-1")),
            ("inbound networks", put(_INGRESS, f"{_ANNOTATION}inbound-cidrs", "0.0.0.0/0")),
            ("a login by somebody else", put(_INGRESS, f"{_ANNOTATION}auth-idp-oidc", "{}")),
            ("a firewall", put(_INGRESS, f"{_ANNOTATION}wafv2-acl-arn", "none")),
            (
                "a public name",
                put(_INGRESS, "metadata/0/annotations/external-dns.alpha.kubernetes.io~hostname", "www2.mosaiclife.me"),
            ),
            (
                "a record's target",
                put(_INGRESS, "metadata/0/annotations/external-dns.alpha.kubernetes.io~target", "evil.example"),
            ),
            (
                "annotations of another controller",
                put(_INGRESS, "metadata/0/annotations/nginx.ingress.kubernetes.io~configuration-snippet", "a"),
            ),
            ("unknown annotations", mark(_INGRESS, "metadata.0.annotations", "unknown")),
            ("hidden annotations", mark(_INGRESS, "metadata.0.annotations", "hidden")),
        )
    ),
    *(
        attack(title, on, "images", edit)
        for title, on, edit in (
            ("another registry", "staging", put(_DEPLOYMENT, f"{_CONTAINER}.image", "docker.io/evil/web:1")),
            (
                "a registry that begins alike",
                "staging",
                put(_DEPLOYMENT, f"{_CONTAINER}.image", f"{_REGISTRY}.evil.example/web:1"),
            ),
            ("an unknown image", "staging", mark(_DEPLOYMENT, f"{_CONTAINER}.image", "unknown")),
            ("unknown containers", "staging", mark(_DEPLOYMENT, "spec.0.template.0.spec.0.container", "unknown")),
            (
                "a first container",
                "staging",
                put(_DEPLOYMENT, "spec.0.template.0.spec.0.init_container", [{"name": "a", "image": "evil"}]),
            ),
            (
                "a further container",
                "staging",
                add_item(_DEPLOYMENT, "spec.0.template.0.spec.0.container", {"name": "a", "image": "evil"}),
            ),
            ("a migration", "staging", put(_JOB, f"{_CONTAINER}.image", "evil")),
            (
                "a branch's tag in production",
                "prod",
                put(_DEPLOYMENT, f"{_CONTAINER}.image", f"{_REGISTRY}/mosaic-life/web:main"),
            ),
            ("no tag in production", "prod", put(_DEPLOYMENT, f"{_CONTAINER}.image", f"{_REGISTRY}/mosaic-life/web")),
        )
    ),
    *(
        attack(title, "staging", "plain-secrets", *edits)
        for title, edits in (
            ("a password in the state", [put("postgresql_role.database_role", "password", "planted")]),
            ("an unknown password", [mark("postgresql_role.database_role", "password", "unknown")]),
            (
                "a variable with a secret",
                [
                    put(_DEPLOYMENT, f"{_CONTAINER}.env", [{"name": "A", "value": "b"}]),
                    mark(_DEPLOYMENT, f"{_CONTAINER}.env.0.value", "hidden"),
                ],
            ),
            (
                "an annotation with a secret",
                [
                    put("kubernetes_service_account_v1.web_account", "metadata.0.annotations", {"a": "b"}),
                    mark("kubernetes_service_account_v1.web_account", "metadata.0.annotations", "hidden"),
                ],
            ),
            ("an output with a secret", [output("x", {"after": "planted", "after_sensitive": True})]),
            (
                "an output with a secret in it",
                [output("x", {"after": {"a": ["planted"]}, "after_sensitive": {"a": [True]}})],
            ),
            ("a secret that is shown by an output", [put_in_stack("output.x", {"value": "${nonsensitive(var.a)}"})]),
            ("a secret that is shown by a local", [put_in_stack("locals", {"x": "${nonsensitive(var.a)}"})]),
            (
                "a secret that is shown by a resource",
                [
                    put_in_stack(
                        "resource.kubernetes_limit_range_v1.namespace_limits.metadata.annotations",
                        {"a": "${nonsensitive(var.a)}"},
                    )
                ],
            ),
        )
    ),
    *(
        attack(f"a {type_}", "staging", "kinds", add(f"{type_}.x", {}))
        for type_ in (
            "aws_lambda_function",
            "aws_kms_grant",
            "aws_iam_user",
            "aws_sns_topic",
            "null_resource",
            "random_password",
        )
    ),
    attack("an aws_rds_cluster, imported", "staging", "kinds", add("aws_rds_cluster.x", {}, imported="a")),
    attack("an aws_ram_resource_share in a module", "staging", "kinds", add("module.m.aws_ram_resource_share.x", {})),
    attack(
        "a ConfigMap",
        "staging",
        "kinds",
        add("kubernetes_config_map_v1.x", {"metadata": [{"name": "x", "namespace": "mosaic-staging"}]}),
    ),
    attack(
        "a new version of a secret",
        "staging",
        "kinds",
        add(
            "aws_secretsmanager_secret_version.x",
            {"secret_id": "mosaic/staging/session/secret-key", "secret_string": "a", "secret_string_wo": None},
        ),
    ),
)
