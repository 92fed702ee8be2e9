"""Secrets have a producer and a structure, and their values are in no state, plan or output."""

import math
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit

import pytest

from environments.schema.settings import Environment
from tests.account import SETTINGS
from tests.synth.template import Body, Template

# Each secret's JSON fields, by the end of its path.
SHAPES = {
    **{path: {"host", "port", "username", "password", "dbname"} for path in ("rds/credentials", "core-api/database")},
    "session/secret-key": {"secret-key"},
    "internal-api/token": {"token"},
    "google-oauth": {"client-id", "client-secret"},
    "neptune/connection": {"host", "port", "region", "iam_auth", "env_prefix"},
}
GOOGLE_OAUTH = "mosaic/prod/google-oauth"
WRITE_ONLY = ("secret_string_wo", "password_wo")


def _external_secrets(template: Template) -> list[Body]:
    found = [template.resolve(body["manifest"]) for body in template.all("kubernetes_manifest").values()]
    return [manifest for manifest in found if manifest["kind"] == "ExternalSecret"]


def _keys(manifest: Body) -> set[str]:
    """Return the keys of the Secret that the operator makes from this ExternalSecret."""
    made = manifest["spec"]["target"].get("template")
    return set(made["data"]) if made else {item["secretKey"] for item in manifest["spec"]["data"]}


def _references(template: Template) -> Iterator[tuple[str, str, str]]:
    for kind in ("kubernetes_deployment_v1", "kubernetes_job_v1"):
        for body in template.all(kind).values():
            namespace = template.resolve(body["metadata"]["namespace"])
            for container in body["spec"]["template"]["spec"]["container"]:
                for variable in container["env"]:
                    if "value_from" in variable:
                        reference = variable["value_from"]["secret_key_ref"]
                        yield namespace, reference["name"], reference["key"]


def _written_fields(template: Template) -> dict[str, dict[str, str]]:
    """Return the path and JSON fields (in JMESPath) of each secret whose value this stack makes."""
    written = {}
    for name, secret in template.some("aws_secretsmanager_secret").items():
        (step,) = template.one("terraform_data", f"{name}_value")["provisioner"]
        content = step["local-exec"]["environment"]["CONTENT"]
        assert re.fullmatch(r"\{.*\}", content), content
        written[secret["name"]] = dict(re.findall(r'"([\w-]+)": (.+?)(?:, (?=")|$)', content[1:-1]))
    return written


def test_every_secret_key_a_container_reads_has_a_producer_in_its_namespace(whole: Template) -> None:
    produced = {
        (manifest["metadata"]["namespace"], manifest["spec"]["target"]["name"], key)
        for manifest in _external_secrets(whole)
        for key in _keys(manifest)
    }
    read = set(_references(whole))
    assert read
    assert read <= produced, f"without a producer: {read - produced}"


def test_external_secrets_use_their_namespaces_store_and_service_account(whole: Template) -> None:
    manifests = [whole.resolve(body["manifest"]) for body in whole.some("kubernetes_manifest").values()]
    (store,) = (manifest for manifest in manifests if manifest["kind"] == "SecretStore")
    account = whole.resolve(whole.one("kubernetes_service_account_v1", "secret_store_account")["metadata"])
    (provider,) = store["spec"]["provider"].values()
    # Without a service account the operator would read with its own identity, which can read every path.
    assert provider["auth"] == {"jwt": {"serviceAccountRef": {"name": account["name"]}}}
    assert account["namespace"] == store["metadata"]["namespace"]
    for manifest in _external_secrets(whole):
        assert manifest["metadata"]["namespace"] == store["metadata"]["namespace"]
        assert manifest["spec"]["secretStoreRef"] == {"kind": "SecretStore", "name": store["metadata"]["name"]}


def test_external_secrets_read_existing_fields_of_the_environments_secrets(
    whole: Template, settings: Environment
) -> None:
    own = {body["name"] for body in whole.all("aws_secretsmanager_secret").values()}
    if "neptune" in settings.capabilities:
        # The cluster's owners store these for this environment.
        own.add(f"mosaic/{settings.name}/neptune/connection")
    paths = set()
    for manifest in _external_secrets(whole):
        for item in manifest["spec"]["data"]:
            path, field = item["remoteRef"]["key"], item["remoteRef"]["property"]
            assert path in own | {GOOGLE_OAUTH}, f"{path} is neither this environment's nor the shared one"
            (shape,) = (fields for end, fields in SHAPES.items() if path.endswith(end))
            assert field in shape, f"{path} has no field {field}"
            paths.add(path)
    assert paths == own | {GOOGLE_OAUTH}


def test_a_generated_secret_has_the_expected_fields(template: Template) -> None:
    for path, fields in _written_fields(template).items():
        (shape,) = (fields for end, fields in SHAPES.items() if path.endswith(end))
        assert set(fields) == shape, path


def test_a_new_environment_writes_each_of_its_secrets(designed: dict[str, Template]) -> None:
    random = {"mosaic/staging/session/secret-key", "mosaic/staging/internal-api/token"}
    assert set(_written_fields(designed["staging"])) == {"mosaic/staging/rds/credentials", *random}


@pytest.mark.parametrize(
    ("account", "host", "port"),
    [
        (
            "templates",
            "data.aws_rds_cluster.shared_rds_cluster.endpoint",
            "data.aws_rds_cluster.shared_rds_cluster.port",
        ),
        (
            "designed",
            "data.aws_db_instance.shared_rds_instance.address",
            "data.aws_db_instance.shared_rds_instance.port",
        ),
    ],
)
def test_a_login_contains_server_database_and_user(
    request: pytest.FixtureRequest, account: str, host: str, port: str
) -> None:
    stack: Template = request.getfixturevalue(account)["staging"]
    credentials = _written_fields(stack)["mosaic/staging/rds/credentials"]
    # In quotes, because every value in the JSON is a string.
    assert credentials["username"] == f"'{stack.one('postgresql_role', 'database_role')['name']}'"
    assert credentials["dbname"] == f"'{stack.one('postgresql_database', 'database')['name']}'"
    assert credentials["host"] == f"'${{{host}}}'"
    assert credentials["port"] == f"'${{{port}}}'"


def test_generated_values_are_random_enough_and_need_no_quoting(template: Template) -> None:
    """Only letters and digits; each of the 62 characters has log2(62) bits."""
    values = {name: body for name, body in template.some("terraform_data").items() if "provisioner" in body}
    assert set(values) == {f"{name}_value" for name in template.all("aws_secretsmanager_secret")}
    for name, body in values.items():
        step = body["provisioner"][0]["local-exec"]
        bits = int(step["environment"]["LENGTH"]) * math.log2(62)
        assert bits >= (128 if name == "database_credentials_value" else 256), f"{name}: {bits:.0f} bits"
        assert "--exclude-punctuation" in step["command"]


def test_no_resource_in_the_state_is_a_secret_value(template: Template) -> None:
    """Otherwise a plan would read it."""
    assert not template.all("aws_secretsmanager_secret_version")
    assert not template.all("data.aws_secretsmanager_secret_version")


def test_the_role_gets_the_password_only_after_it_is_stored(template: Template) -> None:
    """Then an apply that stops in between can never leave role and secret with different passwords."""
    role = template.one("postgresql_role", "database_role")
    read = re.fullmatch(
        r"\$\{coalesce\(one\(\[for it in (ephemeral\.aws_secretsmanager_secret_version\.\w+) : "
        r'jsondecode\(it\.secret_string\)\["password"\]\]\), terraform\.applying \? null : "not read by a plan"\)\}',
        role["password_wo"],
    )
    assert read is not None, role["password_wo"]
    assert "terraform_data.database_credentials_value" in template.dependencies(read[1])
    assert "aws_secretsmanager_secret.database_credentials" in template.dependencies(read[1])


def test_one_number_rotates_secret_and_role_and_restarts_the_pods(designed: dict[str, Template]) -> None:
    """For an environment where this stack makes every value."""
    staging, settings = designed["staging"], SETTINGS.find("staging")
    versions = {
        "database_credentials": settings.database.credentials_version,
        "session_key": settings.session.key_version,
        "internal_api_token": settings.internal_api.token_version,
    }
    pod = staging.one("kubernetes_deployment_v1", "core_api_deployment")["spec"]["template"]["metadata"]
    for name, version in versions.items():
        value = staging.one("terraform_data", f"{name}_value")
        assert value["triggers_replace"] == [f"${{aws_secretsmanager_secret.{name}.arn}}", str(version)]
        assert value["provisioner"][0]["local-exec"]["environment"]["LABEL"] == f"settings-{version}"
        stored = _current_version(staging, name)
        assert stored in pod["annotations"].values(), f"a new {name} does not restart core-api"
        assert any(
            stored in manifest["metadata"].get("annotations", {}).values() for manifest in _external_secrets(staging)
        ), f"the operator does not hear of a new {name}"
    role = staging.one("postgresql_role", "database_role")
    assert role["password_wo_version"] == _current_version(staging, "database_credentials")


def test_a_value_stored_by_hand_reaches_role_and_pods(whole: Template) -> None:
    """The current value is read from Secrets Manager, after this stack has stored its own value, if it has one."""
    pod = whole.one("kubernetes_deployment_v1", "core_api_deployment")["spec"]["template"]["metadata"]
    for name in ("database_credentials", "session_key", "internal_api_token"):
        assert _current_version(whole, name) in pod["annotations"].values()
        asked = whole.dependencies(f"data.aws_secretsmanager_secret_versions.{name}_versions")
        assert f"terraform_data.{name}_value" in asked
        assert f"aws_secretsmanager_secret.{name}" in asked
    role = whole.one("postgresql_role", "database_role")
    assert role["password_wo_version"] == _current_version(whole, "database_credentials")


def _current_version(template: Template, secret: str) -> str:
    """Return the expression for a secret's current version in Secrets Manager."""
    versions = f"{secret}_versions"
    assert versions in template.all("data.aws_secretsmanager_secret_versions")
    return (
        f"${{tostring(one([for version in data.aws_secretsmanager_secret_versions.{versions}.versions : "
        'version.version_id if contains(version.version_stages, "AWSCURRENT")]))}'
    )


def test_an_environments_secret_has_no_resource_policy(template: Template) -> None:
    """An absent argument would keep a hand-made policy."""
    for name, secret in template.some("aws_secretsmanager_secret").items():
        assert secret["policy"] == "{}", name


def test_only_write_only_arguments_and_providers_get_ephemeral_values(template: Template) -> None:
    ephemeral = {path for path, text in template.strings() if "ephemeral." in text}
    assert ephemeral
    assert [it for it in ephemeral if not (it.endswith(WRITE_ONLY) or it.startswith("provider."))] == []


def test_no_resource_argument_contains_a_secret_in_plain_text(template: Template) -> None:
    clear = {"password", "secret_string", "secret_binary", "token", "private_key", "binary_data", "string_data"}
    sections = {key: template.document[key] for key in ("resource", "data", "output")}
    keys = {path: path.rpartition(".")[2] for path in _keys_of(sections, "")}
    assert "password_wo_version" in keys.values()
    assert [path for path, key in keys.items() if key in clear] == []


def _keys_of(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}"
            yield from _keys_of(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _keys_of(item, path)


def test_providers_get_secrets_only_by_ephemeral_references(template: Template) -> None:
    providers = template.document["provider"]
    (aws,), (kubernetes,), (postgresql,) = (providers[name] for name in ("aws", "kubernetes", "postgresql"))
    assert not {"token", "username", "password", "client_key"} & set(kubernetes)
    (command,) = kubernetes["exec"]
    assert "env" not in command
    login = "jsondecode(ephemeral.aws_secretsmanager_secret_version.shared_database_login.secret_string)"
    assert (postgresql["username"], postgresql["password"]) == (f"${{{login}.username}}", f"${{{login}.password}}")
    assert not {"access_key", "secret_key", "profile", "token"} & set(aws)


# Go's text/template functions: urlquery is url.QueryEscape, replace is sprig's.
_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "urlquery": lambda value: quote_plus(value, safe=""),
    'replace "+" "%20"': lambda value: value.replace("+", "%20"),
}


def _render(text: str, values: dict[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        field, *functions = (part.strip() for part in match[1].split("|"))
        value = values[field.removeprefix(".")]
        for function in functions:
            value = _FUNCTIONS[function](value)
        return value

    return re.sub(r"\{\{(.+?)\}\}", replace, text)


@pytest.mark.parametrize("odd", ["plain", "p@ss:w/rd", "a b+c%20d", "#?&=[]", "ünï©ode", "{{ .host }}"])
def test_db_url_preserves_every_odd_character(whole: Template, odd: str) -> None:
    (manifest,) = (m for m in _external_secrets(whole) if m["metadata"]["name"] == "database-credentials")
    assert manifest["spec"]["target"]["template"]["engineVersion"] == "v2"
    assert {item["secretKey"] for item in manifest["spec"]["data"]} == SHAPES["rds/credentials"]
    template_text = manifest["spec"]["target"]["template"]["data"]["DB_URL"]
    values = {"host": "db.example.org", "port": "5432", "username": f"u{odd}", "password": odd, "dbname": "core"}
    url = urlsplit(_render(template_text, values))
    assert url.scheme == "postgresql+psycopg"
    assert (unquote(url.username or ""), unquote(url.password or "")) == (f"u{odd}", odd)
    assert (url.hostname, url.port, url.path) == ("db.example.org", 5432, "/core")
    # RDS refuses unencrypted connections.
    assert parse_qs(url.query) == {"sslmode": ["require"]}
    assert not url.fragment
