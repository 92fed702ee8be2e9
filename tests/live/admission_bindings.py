"""Removes some of the admission policies' bindings for a while, as an administrator can."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_global_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from modules.model.admission.policy import API_VERSION, BINDING
from modules.model.pod_security import ENFORCE
from tests.live.waiting import wait_until

_GROUP, _VERSION = API_VERSION.split("/")
Binding = create_global_resource(_GROUP, _VERSION, BINDING, "validatingadmissionpolicybindings")


@contextmanager
def without_bindings(client: Client, names: Sequence[str]) -> Iterator[None]:
    """Delete these bindings and restore them at the end. The API server may take a second to notice."""
    taken = [client.get(Binding, name) for name in names]
    for name in names:
        client.delete(Binding, name)
    try:
        yield
    finally:
        for binding in taken:
            assert binding.metadata is not None
            metadata = ObjectMeta(name=binding.metadata.name, labels=binding.metadata.labels)
            client.apply(Binding(metadata=metadata, spec=binding["spec"]), field_manager="Terraform", force=True)


@contextmanager
def unjudged(client: Client, namespaces: Sequence[str]) -> Iterator[None]:
    """Delete these environments' own bindings for a while, so that the API server admits changes by hand."""

    def is_free(namespace: str) -> bool:
        change = {"metadata": {"labels": {ENFORCE: "privileged", "environment": "probe"}}}
        try:
            client.patch(Namespace, namespace, change, dry_run=True)
        except ApiError as error:
            assert "ValidatingAdmissionPolicy" in str(error), error  # noqa: PT017
            return False
        return True

    names = [
        str(binding.metadata.name)
        for binding in client.list(Binding)
        if binding.metadata and any(str(binding.metadata.name).startswith(f"{it}-") for it in namespaces)
    ]
    assert names, f"no binding belongs to {namespaces}"
    with without_bindings(client, names):
        for namespace in namespaces:
            wait_until(lambda namespace=namespace: is_free(namespace), f"{namespace} is judged")  # type: ignore[misc]
        yield
