"""Every secret value that a cloud holds, and where one appears in a text."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from modules.model.names import Names
from tests.live.project import Project

# The secret fields of our JSON secrets; the other fields are names, hosts and ports.
_SECRET_FIELDS = ("password", "secret-key", "client-secret")
# Terraform's login token for the cluster, created anew for every run.
_TOKEN = re.compile(rb"k8s-aws-v1\.[A-Za-z0-9_=-]{20,}")


@dataclass(frozen=True)
class SecretValue:
    """One value and its description; only the description is ever printed."""

    name: str
    value: str = field(repr=False)

    @property
    def forms(self) -> set[bytes]:
        """Return the plain value, and its forms in a URL, in JSON and in a Kubernetes Secret."""
        texts = {self.value, quote(self.value, safe=""), json.dumps(self.value)[1:-1]}
        return {text.encode() for text in texts} | {base64.b64encode(self.value.encode())}


def held(project: Project) -> list[SecretValue]:
    """Return every value in Secrets Manager, including former ones and the RDS administrator's, and our AWS key."""
    client = project.client("secretsmanager")
    values = [
        SecretValue(f"{secret['Name']} {name}", value)
        for secret in client.list_secrets()["SecretList"]
        for version in client.list_secret_version_ids(SecretId=secret["ARN"], IncludeDeprecated=True)["Versions"]
        for name, value in json.loads(
            client.get_secret_value(SecretId=secret["ARN"], VersionId=version["VersionId"])["SecretString"]
        ).items()
        if name in _SECRET_FIELDS
    ]
    return [*values, SecretValue("AWS secret access key", project.variables["AWS_SECRET_ACCESS_KEY"])]


def states(project: Project, *environments: Names) -> dict[str, bytes]:
    """Return every version of these environments' states, by location."""
    client = project.client("s3")
    places = {
        f"s3://{names.state_bucket}/{version['Key']}?{version['VersionId']}": client.get_object(
            Bucket=names.state_bucket, Key=version["Key"], VersionId=version["VersionId"]
        )["Body"].read()
        for names in environments
        for version in client.list_object_versions(Bucket=names.state_bucket).get("Versions", [])
    }
    for names in environments:
        stored = f"s3://{names.state_bucket}/"
        assert any(place.startswith(stored) and ".tfstate?" in place for place in places), f"no state in {stored}"
    return places


def found(values: Iterable[SecretValue], places: Mapping[str, bytes]) -> list[str]:
    """List the locations of these values and of tokens of the cluster."""
    hits = [
        f"{value.name} in {place}"
        for value in values
        for place, content in places.items()
        if any(form in content for form in value.forms)
    ]
    return [
        *hits,
        *(f"a token of the cluster in {place}" for place, content in places.items() if _TOKEN.search(content)),
    ]
