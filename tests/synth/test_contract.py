"""The stack fulfils the applications' contract, with capabilities only where they are enabled."""

import json
from pathlib import Path

import pytest

from environments.applications import APPLICATIONS, CAPABILITIES, CORE_API
from environments.schema.contract import Capability
from local.aws.iam.policy import Decision, Request, evaluate
from modules.model.application_spec import ApplicationSpecs
from modules.model.iam_policies import EnvironmentPolicies
from modules.model.kubernetes.environment_variables import SecretKey
from modules.model.names import Names
from modules.model.selected_settings import SHARED
from tests.synth.network import VPC, End, Policies, pods
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Body, Template
from tests.unit.environments.example import environment

PARAMETERS = {parameter: "a-1" for capability in CAPABILITIES for parameter in capability.parameters}
EVERYTHING = environment({"capabilities": tuple(it.name for it in CAPABILITIES), "parameters": PARAMETERS})
NAMES = Names.of(EVERYTHING, SHARED)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of an environment with every capability."""
    return synthesize_settings(tmp_path_factory.mktemp("everything"), EVERYTHING)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesize_settings(tmp_path_factory.mktemp("nothing"), environment())


def _variables(template: Template, address: str) -> dict[str, Body]:
    kind, name = address.split(".")
    (container,) = template.one(kind, name)["spec"]["template"]["spec"]["container"]
    return {item["name"]: item for item in container["env"]}


def _produced(template: Template) -> set[tuple[str, str]]:
    """Return each Secret and key that the stack's ExternalSecrets make."""
    manifests = [body["manifest"] for body in template.all("kubernetes_manifest").values()]
    return {
        (manifest["spec"]["target"]["name"], key)
        for manifest in manifests
        if manifest["kind"] == "ExternalSecret"
        for key in manifest["spec"]["target"].get("template", {}).get("data")
        or [item["secretKey"] for item in manifest["spec"]["data"]]
    }


def test_every_variable_needed_to_start_an_application_is_set(everything: Template) -> None:
    for application in APPLICATIONS:
        name = application.name.replace("-", "_")
        deployment = f"kubernetes_deployment_v1.{name}_deployment"
        assert set(application.required) <= set(_variables(everything, deployment))
    assert set(CORE_API.required) <= set(_variables(everything, "kubernetes_job_v1.migration"))


def test_every_secret_key_of_the_contract_has_a_producer_in_the_stack(everything: Template, nothing: Template) -> None:
    for settings, template in ((EVERYTHING, everything), (environment(), nothing)):
        specs = ApplicationSpecs.of(settings, SHARED, Names.of(settings, SHARED))
        read = {
            (value.secret, value.key)
            for pod in (specs.web.pod, specs.core_api.pod, specs.migration)
            for value in pod.variables.values()
            if isinstance(value, SecretKey)
        }
        assert read
        assert read <= _produced(template)


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda it: it.name)
def test_a_capability_exists_only_where_it_is_enabled(
    everything: Template, nothing: Template, capability: Capability
) -> None:
    deployment = "kubernetes_deployment_v1.core_api_deployment"
    assert set(capability.variables) <= set(_variables(everything, deployment))
    assert not set(capability.variables) & set(_variables(nothing, deployment))
    for secret in capability.secrets:
        made = {(secret.name, key) for key in secret.properties}
        assert made <= _produced(everything)
        assert not made & _produced(nothing)
    policy = f"core_api_role_{capability.name.replace('-', '_')}"
    assert (policy in everything.all("aws_iam_role_policy")) is bool(capability.permissions)
    assert policy not in nothing.all("aws_iam_role_policy")


def test_every_permission_of_a_capability_is_within_the_boundary(everything: Template) -> None:
    boundary = EnvironmentPolicies(
        environment=EVERYTHING,
        shared=SHARED,
        names=NAMES,
        oidc_provider_arn="arn:aws:iam::033691785857:oidc-provider/a",
        deploy_login_arn="arn:aws:secretsmanager:us-east-1:033691785857:secret:deploy",
        plan_login_arn="arn:aws:secretsmanager:us-east-1:033691785857:secret:plan",
        database_subnet_group="mosaic-database",
        vpc="vpc-0123456789abcdef0",
    ).boundary
    judged = 0
    for capability in CAPABILITIES:
        if not capability.permissions:
            continue
        name = f"core_api_role_{capability.name.replace('-', '_')}"
        for statement in json.loads(everything.one("aws_iam_role_policy", name)["policy"])["Statement"]:
            assert "{" not in json.dumps(statement["Resource"])
            conditions = statement.get("Condition", {}).get("StringEquals", {})
            context = {key.lower(): [value] for key, value in conditions.items()}
            for action in statement["Action"]:
                for resource in statement["Resource"]:
                    request = Request(action=action, resource=resource.replace("*", "a"), context=context)
                    assert evaluate(json.loads(boundary), request) is Decision.ALLOWED, (
                        f"{name}: {action} on {resource}"
                    )
                    judged += 1
                    if context:
                        other = {key: ["other"] for key in context}
                        without = Request(action=action, resource=resource.replace("*", "a"), context=other)
                        assert evaluate(json.loads(boundary), without) is not Decision.ALLOWED
    assert judged
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert len(boundary.replace(" ", "")) <= 6144


def test_only_the_capabilities_connections_are_open(everything: Template, nothing: Template) -> None:
    litellm = End(address=VPC[128 * 256 + 200], namespace="aiservices")
    metrics = End(address=VPC[128 * 256 + 201], namespace="observability")
    elsewhere = End(address=VPC[128 * 256 + 202], namespace="default")
    graph = End(address=VPC[64 * 256])
    for template, is_open in ((everything, True), (nothing, False)):
        policies, (one, *_) = Policies.of(template), pods(template)
        assert policies.allow(one, litellm, 4000) is is_open
        assert policies.allow(one, graph, 8182) is is_open
        assert policies.allow(metrics, one, 8080) is is_open
        assert not policies.allow(one, elsewhere, 4000)
        assert not policies.allow(elsewhere, one, 8080)
        assert not policies.allow(metrics, one, 3000)


def test_the_callbacks_match_the_applications_requests(nothing: Template) -> None:
    uris, senders = nothing.outputs["oauth_redirect_uris"], nothing.outputs["oauth_redirect_uri_senders"]
    api_url = _variables(nothing, "kubernetes_deployment_v1.core_api_deployment")["API_URL"]["value"]
    assert uris[0] == f"{api_url}/api/auth/google/callback"
    assert senders[uris[0]].startswith("core-api")
    assert set(senders) == set(uris)
    assert set(uris[1:]) == {"https://test.mosaiclife.me/auth/callback", "https://test-api.mosaiclife.me/auth/callback"}


def test_a_higher_number_replaces_the_internal_token(tmp_path: Path) -> None:
    second = synthesize_settings(tmp_path, environment({"internal_api.token_version": 2}))
    numbers = {
        name: body["triggers_replace"][1]
        for name, body in second.all("terraform_data").items()
        if name.endswith("_value")
    }
    assert numbers == {"database_credentials_value": "1", "session_key_value": "1", "internal_api_token_value": "2"}
