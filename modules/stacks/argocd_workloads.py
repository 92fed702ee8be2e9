"""The workloads of an environment as an Argo CD Application of its stack."""

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from environments.schema.settings import Environment, Shared
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import ReadableStack, depend_on, forget, import_existing
from modules.model.application_objects import application_objects
from modules.model.argocd_application import argocd_application
from modules.model.helm_values import account_values
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets


def deliver_by_argocd(
    stack: ReadableStack,
    *,
    environment: Environment,
    shared: Shared,
    names: Names,
    namespace: str,
    infrastructure: SharedInfrastructure,
    stored: Mapping[str, GeneratedSecret],
    ready: tuple[Construct, ...],
) -> None:
    """Add an Argo CD Application to the stack, and forget the workloads that the stack created before.

    Args:
        stack: the environment's stack.
        environment: settings of the environment.
        shared: settings of the account.
        names: physical names of the environment.
        namespace: a reference to the namespace's name.
        infrastructure: what the account already holds.
        stored: the secrets that the environment generates, by their ids.
        ready: what must be complete before a pod starts.

    """
    manifest = argocd_application(environment, shared, names)
    # By a reference, so that it is gone before the namespace is.
    manifest["spec"]["destination"]["namespace"] = namespace
    secrets = ApplicationSecrets.of(environment, shared, names)
    manifest["spec"]["sources"][0]["helm"]["values"] = _values(
        certificate_arn=infrastructure.certificate_arn,
        version_ids={
            secret.annotation: stored[secret.id].current_version_id
            for secret in secrets.generated
            if secret.id and secret.annotation
        },
    )
    delivery = Construct(stack, "argocd")
    application = Manifest(
        delivery,
        "application",
        manifest=manifest,
        field_manager=ManifestFieldManager(force_conflicts=True),
    )
    if environment.adopts("argocd-application"):
        place = f"namespace={manifest['metadata']['namespace']},name={manifest['metadata']['name']}"
        import_existing(application, f"apiVersion={manifest['apiVersion']},kind={manifest['kind']},{place}")
    depend_on(delivery, *ready)
    forget(stack, sorted(application_objects(names, secrets)))


def _values(*, certificate_arn: str, version_ids: Mapping[str, str]) -> str:
    """The account's values as JSON, which is YAML, with Terraform's references in it.

    A text, as an object's unknown parts would have no known type. References go in last: their quotes are Terraform's.
    """
    references = {"certificate": certificate_arn, **version_ids}
    placeholders = {annotation: f"<{annotation}>" for annotation in version_ids}
    text = json.dumps(account_values(certificate_arn="<certificate>", version_ids=placeholders))
    for name, reference in references.items():
        text = text.replace(f"<{name}>", reference)
    return text
