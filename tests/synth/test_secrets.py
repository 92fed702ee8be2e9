"""Secrets have a producer and a shape, and their values are in no state, plan or output."""

import json
import math
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit

import pytest

from environments.schema.settings import Environment
from tests.account import SETTINGS
from tests.synth.template import Body, Template

# The JSON fields that each secret has, by the end of its path.
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
    """The keys of the Secret that the operator makes of this ExternalSecret."""
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
    """Of each secret whose value this stack writes: its path, and the JSON's fields as Terraform expressions."""
    written = {}
    for body in template.all("aws_secretsmanager_secret_version").values():
        name = re.search(r"aws_secretsmanager_secret\.(\w+)\.", body["secret_id"])
        assert name is not None, body["secret_id"]
        content = re.fullmatch(r"\$\{jsonencode\(\{(.*)\}\)\}", body["secret_string_wo"])
        assert content is not None, body["secret_string_wo"]
        fields = dict(re.findall(r'"([\w-]+)": (.+?)(?:, (?=")|$)', content[1]))
        written[template.one("aws_secretsmanager_secret", name[1])["name"]] = fields
    return written


def test_every_secret_key_that_a_container_reads_is_produced_in_its_namespace(whole: Template) -> None:
    produced = {
        (manifest["metadata"]["namespace"], manifest["spec"]["target"]["name"], key)
        for manifest in _external_secrets(whole)
        for key in _keys(manifest)
    }
    read = set(_references(whole))
    assert read
    assert read <= produced, f"without a producer: {read - produced}"


def test_external_secrets_read_from_the_store_of_their_namespace_as_a_service_account_of_it(whole: Template) -> None:
    manifests = [whole.resolve(body["manifest"]) for body in whole.some("kubernetes_manifest").values()]
    (store,) = (manifest for manifest in manifests if manifest["kind"] == "SecretStore")
    account = whole.resolve(whole.one("kubernetes_service_account_v1", "secret_store_account")["metadata"])
    (provider,) = store["spec"]["provider"].values()
    # Without an account the operator would read as itself, which reads every path.
    assert provider["auth"] == {"jwt": {"serviceAccountRef": {"name": account["name"]}}}
    assert account["namespace"] == store["metadata"]["namespace"]
    for manifest in _external_secrets(whole):
        assert manifest["metadata"]["namespace"] == store["metadata"]["namespace"]
        assert manifest["spec"]["secretStoreRef"] == {"kind": "SecretStore", "name": store["metadata"]["name"]}


def test_external_secrets_read_fields_that_the_environments_secrets_have(
    whole: Template, settings: Environment
) -> None:
    own = {body["name"] for body in whole.all("aws_secretsmanager_secret").values()}
    if "neptune" in settings.capabilities:
        # Kept by those who own the cluster, for this environment.
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


def test_a_written_secret_has_its_shape(template: Template, settings: Environment) -> None:
    written = _written_fields(template)
    assert written or settings.adopt
    for path, fields in written.items():
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
def test_a_login_says_where_and_as_whom(request: pytest.FixtureRequest, account: str, host: str, port: str) -> None:
    stack: Template = request.getfixturevalue(account)["staging"]
    credentials = _written_fields(stack)["mosaic/staging/rds/credentials"]
    assert credentials["username"] == json.dumps(stack.one("postgresql_role", "database_role")["name"])
    assert credentials["dbname"] == json.dumps(stack.one("postgresql_database", "database")["name"])
    assert credentials["host"] == host
    # Every value of the JSON is a string.
    assert credentials["port"] == f"tostring({port})"


@pytest.mark.parametrize(
    ("account", "environment", "new"),
    [
        # Production's own login is new: the administrator's served as one.
        ("templates", "prod", {"database_credentials"}),
        ("templates", "staging", {"database_credentials", "internal_api_token"}),
        # Production's applications of that time knew no internal API token.
        ("designed", "prod", {"internal_api_token"}),
    ],
)
def test_an_adopted_value_is_kept(
    request: pytest.FixtureRequest, account: str, environment: str, new: set[str]
) -> None:
    """Only values of secrets that the environment did not have are new."""
    stack: Template = request.getfixturevalue(account)[environment]
    assert set(stack.all("aws_secretsmanager_secret_version")) == {f"{name}_value" for name in new}
    assert set(stack.all("ephemeral.aws_secretsmanager_random_password")) == {f"{name}_random" for name in new}


def test_generated_values_are_ephemeral_and_random_enough(template: Template, settings: Environment) -> None:
    written = _written_fields(template)
    assert written or settings.adopt
    for path, fields in written.items():
        secret = "password" if "password" in fields else next(iter(fields))
        reference = re.fullmatch(
            r"ephemeral\.aws_secretsmanager_random_password\.(\w+)\.random_password", fields[secret]
        )
        assert reference is not None, f"{path}: {secret} is {fields[secret]}"
        random = template.one("ephemeral.aws_secretsmanager_random_password", reference[1])
        # Letters and digits alone need no quoting anywhere, and 62 of them hold log2(62) bits each.
        assert random["exclude_punctuation"] is True
        bits = random["password_length"] * math.log2(62)
        assert bits >= (128 if secret == "password" else 256), f"{path}: {bits:.0f} bits"


def test_the_role_gets_the_stored_password_and_only_once_it_is_stored(template: Template) -> None:
    """An apply that stops between the two can then never leave role and secret apart."""
    role = template.one("postgresql_role", "database_role")
    read = re.fullmatch(
        r'\$\{jsondecode\((ephemeral\.aws_secretsmanager_secret_version\.\w+)\.secret_string\)\["password"\]\}',
        role["password_wo"],
    )
    assert read is not None, role["password_wo"]
    stored = {
        address for address in template.bodies if address.startswith("aws_secretsmanager_secret_version.database")
    }
    assert stored <= template.dependencies(read[1])
    assert "aws_secretsmanager_secret.database_credentials" in template.dependencies(read[1])


def test_one_number_rotates_secret_and_role_and_restarts_the_pods(designed: dict[str, Template]) -> None:
    """Where every value is this stack's own."""
    staging, settings = designed["staging"], SETTINGS.find("staging")
    versions = {
        "database_credentials": settings.database.credentials_version,
        "session_key": settings.session.key_version,
        "internal_api_token": settings.internal_api.token_version,
    }
    pod = staging.one("kubernetes_deployment_v1", "core_api_deployment")["spec"]["template"]["metadata"]
    for name, version in versions.items():
        value = staging.one("aws_secretsmanager_secret_version", f"{name}_value")
        assert value["secret_string_wo_version"] == version
        stored = _current_version(staging, name)
        assert stored in pod["annotations"].values(), f"a new {name} does not restart core-api"
        assert any(
            stored in manifest["metadata"].get("annotations", {}).values() for manifest in _external_secrets(staging)
        ), f"the operator does not hear of a new {name}"
    role = staging.one("postgresql_role", "database_role")
    assert role["password_wo_version"].startswith(_current_version(staging, "database_credentials"))


def test_a_value_stored_by_hand_reaches_role_and_pods(whole: Template) -> None:
    """What is current is asked of Secrets Manager, after this stack's own value, where it has one, was stored."""
    pod = whole.one("kubernetes_deployment_v1", "core_api_deployment")["spec"]["template"]["metadata"]
    for name in ("database_credentials", "session_key", "internal_api_token"):
        assert _current_version(whole, name) in pod["annotations"].values()
        asked = whole.dependencies(f"data.aws_secretsmanager_secret_versions.{name}_versions")
        own = f"aws_secretsmanager_secret_version.{name}_value"
        assert own in asked or own not in whole.bodies
        assert f"aws_secretsmanager_secret.{name}" in asked
    role = whole.one("postgresql_role", "database_role")
    assert role["password_wo_version"].startswith(_current_version(whole, "database_credentials"))


def _current_version(template: Template, secret: str) -> str:
    """The expression of the version of a secret that Secrets Manager calls current."""
    versions = f"{secret}_versions"
    assert versions in template.all("data.aws_secretsmanager_secret_versions")
    return (
        f"${{tostring(one([for version in data.aws_secretsmanager_secret_versions.{versions}.versions : "
        'version.version_id if contains(version.version_stages, "AWSCURRENT")]))}'
    )


def test_the_role_can_be_given_the_stored_password_again(template: Template) -> None:
    """PostgreSQL shows nobody a password: delivery/preflight/database_drift.py replaces this where it is refused."""
    role = template.one("postgresql_role", "database_role")
    assert role["password_wo_version"].endswith("-${terraform_data.database_password_given.id}")


def test_a_secret_of_an_environment_has_no_policy_of_its_own(template: Template) -> None:
    """An argument that is absent would leave a policy that was made by hand."""
    for name, secret in template.some("aws_secretsmanager_secret").items():
        assert secret["policy"] == "{}", name


def test_ephemeral_values_go_to_write_only_arguments_and_providers_alone(template: Template) -> None:
    """Or into a condition, of which the state keeps whether it was met: the administrator's login is the server's."""
    condition = "resource.postgresql_grant_role.database_administrator.lifecycle.precondition[0].condition"
    generated, ephemeral = 0, 0
    for path, text in template.strings():
        if "ephemeral." in text:
            ephemeral += 1
            kept = not (path.endswith(WRITE_ONLY) or path.startswith("provider.") or path == condition)
            assert not kept, f"{path} is kept in the state: {text}"
        if "random_password" in text:
            generated += 1
            assert path.endswith("secret_string_wo"), f"{path} takes a value that was not stored: {text}"
    assert ephemeral
    assert generated == template.count("ephemeral.aws_secretsmanager_random_password")


def test_no_argument_of_a_resource_holds_a_secret_in_the_clear(template: Template) -> None:
    clear = {"password", "secret_string", "secret_binary", "token", "private_key", "binary_data", "string_data"}
    sections = {key: template.document[key] for key in ("resource", "data", "output")}
    keys = {path: path.rpartition(".")[2] for path in _keys_of(sections, "")}
    assert "secret_string_wo_version" in keys.values() or "password_wo_version" in keys.values()
    assert [path for path, key in keys.items() if key in clear] == []


def _keys_of(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}"
            yield from _keys_of(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _keys_of(item, path)


def test_providers_hold_no_secret_but_by_an_ephemeral_reference(template: Template) -> None:
    providers = template.document["provider"]
    (aws,), (kubernetes,), (postgresql,) = (providers[name] for name in ("aws", "kubernetes", "postgresql"))
    assert not {"token", "username", "password", "client_key"} & set(kubernetes)
    (login,) = kubernetes["exec"]
    assert "env" not in login
    administrator = "ephemeral.aws_secretsmanager_secret_version.shared_database_administrator"
    assert postgresql["password"] == f"${{jsondecode({administrator}.secret_string).password}}"
    assert not {"access_key", "secret_key", "profile", "token"} & set(aws)


# What Go's text/template offers under these names: urlquery is url.QueryEscape, replace is sprig's.
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
def test_db_url_gives_back_every_odd_character(whole: Template, odd: str) -> None:
    (manifest,) = (m for m in _external_secrets(whole) if m["metadata"]["name"] == "database-credentials")
    assert manifest["spec"]["target"]["template"]["engineVersion"] == "v2"
    assert {item["secretKey"] for item in manifest["spec"]["data"]} == SHAPES["rds/credentials"]
    template_text = manifest["spec"]["target"]["template"]["data"]["DB_URL"]
    values = {"host": "db.example.org", "port": "5432", "username": f"u{odd}", "password": odd, "dbname": "core"}
    url = urlsplit(_render(template_text, values))
    assert url.scheme == "postgresql+psycopg"
    assert (unquote(url.username or ""), unquote(url.password or "")) == (f"u{odd}", odd)
    assert (url.hostname, url.port, url.path) == ("db.example.org", 5432, "/core")
    # RDS refuses a connection in the clear.
    assert parse_qs(url.query) == {"sslmode": ["require"]}
    assert not url.fragment
