"""Who owns an object: AWS tags and Kubernetes labels from one model."""

from environments.schema.contract import Application
from environments.schema.settings import BOOTSTRAP, Environment, Shared

_MANAGER = "cdktf"


def aws_tags(environment: Environment, shared: Shared) -> dict[str, str]:
    """The tags of every AWS resource of the environment, set once as the provider's default tags."""
    return _tags(environment.name, shared)


def account_tags(shared: Shared) -> dict[str, str]:
    """The tags of what belongs to no single environment, which the bootstrap stack creates."""
    return _tags(BOOTSTRAP, shared)


def _tags(stack: str, shared: Shared) -> dict[str, str]:
    return {
        "Project": shared.project_tag,
        "Environment": stack,
        "ManagedBy": _MANAGER,
        "Repository": shared.repository,
    }


def labels(environment: Environment, shared: Shared) -> dict[str, str]:
    """The labels of every Kubernetes object of the environment."""
    return _labels(environment.name, shared)


def account_labels(shared: Shared) -> dict[str, str]:
    """The labels of every Kubernetes object that belongs to no single environment."""
    return _labels(BOOTSTRAP, shared)


def _labels(stack: str, shared: Shared) -> dict[str, str]:
    return {
        "app.kubernetes.io/part-of": shared.application,
        "app.kubernetes.io/managed-by": _MANAGER,
        "environment": stack,
    }


def selector_labels(application: Application, instance: str) -> dict[str, str]:
    """The labels that select an application's pods: a Deployment's selector can never be changed."""
    return {
        "app": application.name,
        "app.kubernetes.io/name": application.name,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/component": application.component,
    }


def namespace_labels(namespace: str) -> dict[str, str]:
    """The labels with which a network policy selects a namespace: Kubernetes itself sets them."""
    return {"kubernetes.io/metadata.name": namespace}
