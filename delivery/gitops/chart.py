"""What the application's Helm chart lacks for the settings of an environment."""

import re
from pathlib import Path

import yaml

from delivery.report.text_file import read_text
from environments.schema.settings import Environment, Shared
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets


def missing_from_chart(chart: Path, environment: Environment, shared: Shared) -> str | None:
    """The fields of the session-secret ExternalSecret, where no template of the chart makes it.

    Raises TextFileError.
    """
    secrets = ApplicationSecrets.of(environment, shared, Names.of(environment, shared)).all
    (session,) = (secret for secret in secrets if secret.name == "session-secret")
    named = re.compile(rf"^\s*name:\s*[\"']?{re.escape(session.name)}[\"']?\s*$|\"{re.escape(session.name)}\"", re.M)
    for template in sorted((chart / "templates").rglob("*.yaml")):
        text = read_text(template, "the chart's template")
        if "kind: ExternalSecret" in text and named.search(text):
            return None
    needed = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": session.name},
        "spec": {
            "refreshInterval": "{{ .Values.externalSecrets.refreshInterval }}",
            "secretStoreRef": {
                field: f"{{{{ .Values.externalSecrets.secretStoreRef.{field} }}}}" for field in ("kind", "name")
            },
            "target": {"name": session.name, "creationPolicy": "Owner"},
            "data": [
                {
                    "secretKey": key,
                    "remoteRef": {"key": "{{ .Values.externalSecrets.session.secretKey }}", "property": field},
                }
                for key, field in session.properties.items()
            ],
        },
    }
    return (
        f"{chart}: no template makes an ExternalSecret {session.name!r}, and core-api reads its key "
        f"{', '.join(session.properties)}; these fields are required:\n{yaml.safe_dump(needed, sort_keys=False)}"
    )
