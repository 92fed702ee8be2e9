"""The secrets that pods read: whose login the credentials hold, and whether secrets kept elsewhere exist."""

import json
from collections.abc import Iterator
from functools import partial

from delivery.account.database_server import DatabaseServerError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, note
from modules.model.kubernetes.secret import Secret
from modules.model.secrets import ApplicationSecrets


def facts(examination: Examination) -> Iterator[Fact]:
    """The database's credentials, and each secret that others maintain."""
    target = examination.target
    yield Fact(
        name="database credentials",
        settings=f"{target.names.database_role} in {target.names.database}",
        read=lambda: _credentials(examination),
        quick=True,
    )
    for secret in ApplicationSecrets.of(target.environment, target.shared, target.names).all:
        if secret.id is None:
            yield Fact(
                name=f"secret {secret.path}",
                settings=f"with {', '.join(sorted(set(secret.properties.values())))}",
                read=partial(_kept_elsewhere, examination, secret),
                quick=True,
            )


def _fields(examination: Examination, path: str) -> dict[str, object] | None:
    """A secret's fields; None if there is no secret, empty if it is not a JSON object. The values are not stored."""
    client = examination.target.secrets_manager
    try:
        text = client.get_secret_value(SecretId=path)["SecretString"]
    except (client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException):
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _credentials(examination: Examination) -> Finding:
    target = examination.target
    path, file = target.names.database_credentials, examination.environment_file
    fields = _fields(examination, path)
    if fields is None:
        return fine("there are none yet; a deploy creates them")
    user, database = fields.get("username"), fields.get("dbname")
    own = f'database=Database(credentials_path="...") with a free path in {file}'
    if user in _administrators(examination):
        return in_the_way(f"{path} is the login of the server's administrator {user}", own)
    if (user, database) == (target.names.database_role, target.names.database):
        return fine(f"the application's: {user} in {database}")
    found = f"{path} is the login of {user or 'nobody'} in {database or 'no database'}"
    if not target.environment.adopts("credentials"):
        # Terraform overwrites a secret that it owns; otherwise the secret's own row reports it.
        return note(found, f"make verify ENV={target.environment.name}, if the environment is not new")
    return in_the_way(found, f'database=Database(name="{database}", role="{user}", ...) in {file}, or {own}')


def _administrators(examination: Examination) -> set[object]:
    try:
        return {examination.target.database_server.administrator}
    except DatabaseServerError:
        return set()


def _kept_elsewhere(examination: Examination, secret: Secret) -> Finding:
    fields = _fields(examination, secret.path)
    wanted = sorted(set(secret.properties.values()))
    # The values are shown as dots, for the user to replace.
    content = json.dumps(dict.fromkeys(wanted, "..."))
    place = f"--region {examination.target.shared.region}"
    if fields is None:
        return in_the_way(
            "there is none",
            f"aws secretsmanager create-secret {place} --name {secret.path} --secret-string '{content}'",
        )
    missing = [name for name in wanted if not fields.get(name)]
    if missing:
        return in_the_way(
            f"it lacks {', '.join(missing)}",
            f"aws secretsmanager put-secret-value {place} --secret-id {secret.path} --secret-string '{content}'",
        )
    return fine(f"with {', '.join(wanted)}")
