"""The objects that change owner when an environment changes its delivery: those that the Helm chart also creates."""

from environments.applications import CORE_API, WEB
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets


def application_objects(names: Names, secrets: ApplicationSecrets) -> dict[str, str]:
    """The Terraform address of each object that Terraform's delivery may create, with the id that imports it.

    Some exist only with certain settings, such as an autoscaler.
    """
    named = {
        f"kubernetes_{kind}.{application.name.replace('-', '_')}_{suffix}": application.name
        for application in (CORE_API, WEB)
        for kind, suffix in (
            ("deployment_v1", "deployment"),
            ("horizontal_pod_autoscaler_v2", "autoscaler"),
            ("ingress_v1", "ingress"),
            ("pod_disruption_budget_v1", "disruption_budget"),
            ("service_account_v1", "account"),
            ("service_v1", "service"),
        )
    } | {"kubernetes_job_v1.migration": names.migration_job}
    external_secrets = {
        f"kubernetes_manifest.secrets_{secret.name.replace('-', '_')}": (
            f"apiVersion=external-secrets.io/v1,kind=ExternalSecret,namespace={names.namespace},name={secret.name}"
        )
        for secret in secrets.all
    }
    return {address: f"{names.namespace}/{name}" for address, name in named.items()} | external_secrets
