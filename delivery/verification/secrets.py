"""Checks that the pods' secrets are filled by the operator, complete, and current with Secrets Manager."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.database import Login
from environments.applications import CORE_API
from modules.model.kubernetes.secret import Secret
from modules.model.secrets import ApplicationSecrets
from modules.model.tags import selector_labels

ExternalSecret = create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")
SecretStore = create_namespaced_resource("external-secrets.io", "v1", "SecretStore", "secretstores")


def checks(target: Target) -> Iterator[Check]:
    """Check the store, the ExternalSecrets, the keys that pods refer to, and that they match Secrets Manager."""
    namespace, names = target.names.namespace, target.names
    yield Check(
        name="secret store",
        run=partial(_secret_store, target),
        expected=f"Ready, as the service account {names.secret_store_account}",
        look=f"kubectl -n {namespace} describe secretstore {names.secret_store}",
        waits=True,
    )
    secrets = ApplicationSecrets.of(target.environment, target.shared, names)
    for secret in secrets.all:
        yield Check(
            name=f"external secret {secret.name}",
            run=partial(_external_secret, target, secret.name, secret.path),
            expected=f"Ready, filled from {secret.path} by the SecretStore {names.secret_store}",
            look=f"kubectl -n {namespace} describe externalsecret {secret.name}",
            waits=True,
        )
    for path in names.secret_paths:
        yield Check(
            name=f"secret {path}",
            run=partial(_secret, target, path),
            expected="there, without a policy or a copy of its own",
            look=f"aws secretsmanager describe-secret --secret-id {path}; aws secretsmanager get-resource-policy",
        )
    yield Check(
        name="secret keys",
        run=partial(_keys, target),
        expected="every Secret key that a pod refers to is filled",
        look=f"kubectl -n {namespace} get secrets",
        waits=True,
        reads_secrets=True,
    )
    refresh = f"kubectl -n {namespace} annotate externalsecret --all --overwrite force-sync=$(date +%s)"
    yield Check(
        name="database password",
        run=partial(_same_credentials, target),
        expected=f"the Kubernetes Secret equals {names.database_credentials} in Secrets Manager",
        look=refresh,
        waits=True,
        reads_secrets=True,
    )
    for secret in secrets.random:
        yield Check(
            name=str(secret.id).replace("-", " "),
            run=partial(_same_value, target, secret),
            expected=f"the Kubernetes Secret equals {secret.path} in Secrets Manager",
            look=refresh,
            waits=True,
            reads_secrets=True,
        )
    if target.environment.paused:
        return
    yield Check(
        name="secret versions",
        run=partial(_versions, target),
        expected="core-api's pods started with the secrets' current versions",
        look=f"make deploy ENV={target.environment.name}, which applies a value that was stored by hand",
        waits=True,
    )


def _external_secret(target: Target, name: str, path: str) -> str:
    found, store = target.namespace.read(ExternalSecret, name), target.names.secret_store
    problem = external_secret_problem(found, path, store)
    if problem:
        raise CheckError(problem)
    return f"Ready, filled from {path}"


def _secret_store(target: Target) -> str:
    names, region = target.names, target.shared.region
    problem = secret_store_problem(
        target.namespace.read(SecretStore, names.secret_store), names.secret_store_account, region
    )
    if problem:
        raise CheckError(problem)
    return f"Ready, as the service account {names.secret_store_account}"


def secret_store_problem(store: Manifest, service_account: str, region: str) -> str | None:
    """Why a SecretStore is not Ready as only this service account, for Secrets Manager of this region."""
    aws = {
        "service": "SecretsManager",
        "region": region,
        "auth": {"jwt": {"serviceAccountRef": {"name": service_account}}},
    }
    provider = store["spec"].get("provider")
    return _readiness_problem(store) if provider == {"aws": aws} else f"its provider is {json.dumps(provider)}"


def external_secret_problem(external_secret: Manifest, path: str, store: str) -> str | None:
    """Why an ExternalSecret is not Ready with the value at this path, read through only this SecretStore."""
    reference = external_secret["spec"].get("secretStoreRef")
    if reference != {"kind": "SecretStore", "name": store}:
        return f"its store is {json.dumps(reference)}"
    if any("sourceRef" in item for item in external_secret["spec"].get("data", [])):
        return "it has a second store"
    paths = {item["remoteRef"]["key"] for item in external_secret["spec"].get("data", [])}
    if paths != {path} or external_secret["spec"].get("dataFrom"):
        return f"it reads {', '.join(sorted(paths)) or 'nothing'}"
    return _readiness_problem(external_secret)


def _readiness_problem(item: Manifest) -> str | None:
    for condition in item.get("status", {}).get("conditions", []):
        if condition["type"] == "Ready":
            return None if condition["status"] == "True" else f"{condition.get('reason')}: {condition.get('message')}"
    return "the operator has not processed it yet"


def _secret(target: Target, path: str) -> str:
    """Check for access to the secret other than through IAM, which `role policies` checks."""
    client = target.secrets_manager
    try:
        secret = client.describe_secret(SecretId=path)
    except client.exceptions.ResourceNotFoundException:
        raise CheckError("there is none") from None
    if "DeletedDate" in secret:
        raise CheckError(f"it is scheduled for deletion; make deploy ENV={target.environment.name} restores it")
    policy = client.get_resource_policy(SecretId=path).get("ResourcePolicy")
    problems = [f"it has a policy: {policy}"] if json.loads(policy or "{}") else []
    problems += [f"it is copied to {copy.get('Region')}" for copy in secret.get("ReplicationStatus", [])]
    if problems:
        raise CheckError(", ".join(problems))
    return "there, without a policy or a copy of its own"


def _keys(target: Target) -> str:
    templates = [
        item["spec"]["template"]["spec"] for kind in (Deployment, Job) for item in target.namespace.read_all(kind)
    ]
    references = secret_keys(templates)
    if not references:
        raise CheckError("no pod refers to a Secret")
    held = {name: target.namespace.read_secret(name) for name in sorted({name for name, _ in references})}
    missing = [f"{name} has no {key}" for name, key in sorted(references) if not held[name].get(key)]
    if missing:
        raise CheckError(", ".join(missing))
    return f"{len(references)} keys of {len(held)} Secrets"


def secret_keys(pods: Iterable[Manifest]) -> set[tuple[str, str]]:
    """Every Secret and key that the environment variables of these pods' containers refer to."""
    return {
        (reference["name"], reference["key"])
        for pod in pods
        for container in [*pod.get("initContainers", []), *pod["containers"]]
        for variable in container.get("env", [])
        if (reference := variable.get("valueFrom", {}).get("secretKeyRef"))
    }


def _stored_value(target: Target, path: str, secret_field: str) -> Mapping[str, str]:
    answer = target.secrets_manager.get_secret_value(SecretId=path, VersionStage="AWSCURRENT")
    content: Mapping[str, str] = json.loads(answer["SecretString"])
    target.redaction.add(content[secret_field])
    return content


def _same_credentials(target: Target) -> str:
    login = Login.read(target)
    stored = _stored_value(target, target.names.database_credentials, "password")
    held = {
        "host": login.host,
        "port": str(login.port),
        "username": login.user,
        "password": login.password,
        "dbname": login.database,
    }
    different = [name for name, value in held.items() if value != stored.get(name)]
    if different:
        raise CheckError(f"different: {', '.join(different)}")
    return f"DB_URL holds what {target.names.database_credentials} holds"


def _same_value(target: Target, secret: Secret) -> str:
    ((key, field),) = secret.properties.items()
    stored = _stored_value(target, secret.path, field)
    if target.namespace.read_secret(secret.name).get(key) != stored[field]:
        raise CheckError("different")
    return f"{secret.name} holds what {secret.path} holds"


def _versions(target: Target) -> str:
    names = target.names
    secrets = ApplicationSecrets.of(target.environment, target.shared, names)
    expected = {str(secret.annotation): _current_version(target, secret.path) for secret in secrets.generated}
    pods = target.namespace.read_all(Pod, selector_labels(CORE_API, names.instance))
    problems = version_problems(pods, expected)
    if problems:
        raise CheckError(", ".join(problems))
    return f"{len(pods)} core-api pods started with the current versions"


def version_problems(pods: Iterable[Manifest], expected: Mapping[str, str]) -> list[str]:
    """Each pod whose value of one of these annotations differs; pods that are being deleted do not count."""
    alive = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return [
        f"{pod['name']} has {annotation}={pod.get('annotations', {}).get(annotation)}, not {value}"
        for pod in alive
        for annotation, value in expected.items()
        if pod.get("annotations", {}).get(annotation) != value
    ] or ([] if alive else ["there is no pod"])


def _current_version(target: Target, path: str) -> str:
    stages = target.secrets_manager.describe_secret(SecretId=path).get("VersionIdsToStages", {})
    current = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
    if not current:
        raise CheckError(f"the secret {path} has no value")
    return current[0]
