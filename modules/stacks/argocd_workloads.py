"""The workloads of an environment as an Argo CD Application of its stack."""

import json
from collections.abc import Callable

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from environments.schema.settings import Environment, Shared
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import ReadableStack, depend_on, forget, import_existing
from modules.model.application_objects import application_objects
from modules.model.argocd_application import argocd_application
from modules.model.helm_values import Values, account_values
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.postgresql.database import Database


def deliver_by_argocd(
    stack: ReadableStack,
    *,
    environment: Environment,
    shared: Shared,
    names: Names,
    namespace: str,
    infrastructure: SharedInfrastructure,
    database: Database,
    session_key: GeneratedSecret,
    ready: tuple[Construct, ...],
) -> None:
    """Add the Application to the stack, and forget the workloads that the stack created before.

    namespace: a reference. ready: what has to be complete before a pod starts.
    """
    manifest = argocd_application(environment, shared, names)
    # By a reference, so that it is gone before the namespace is.
    manifest["spec"]["destination"]["namespace"] = namespace
    manifest["spec"]["sources"][1]["helm"]["values"] = _with_references(
        account_values,
        certificate_arn=infrastructure.certificate_arn,
        database_version_id=database.credentials.current_version_id,
        session_version_id=session_key.current_version_id,
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
    forget(stack, sorted(application_objects(names, ApplicationSecrets.of(names, shared))))


def _with_references(values: Callable[..., Values], **references: str) -> str:
    """The values as JSON, which is YAML, with Terraform's references in it.

    A text, as an object's unknown parts would have no known type. References go in last: their quotes are Terraform's.
    """
    text = json.dumps(values(**{name: f"<{name}>" for name in references}))
    for name, reference in references.items():
        text = text.replace(f"<{name}>", reference)
    return text
