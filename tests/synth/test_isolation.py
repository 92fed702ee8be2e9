"""Two environments share only the account's shared objects."""

import json
import re
from functools import reduce
from itertools import chain, pairwise, permutations
from pathlib import Path

import pytest

from environments.schema.settings import BOOTSTRAP
from modules.model.selected_settings import SETTINGS, SHARED
from tests.conftest import ENVIRONMENTS, run_main
from tests.synth.template import Template

# Values in environments/shared.py that are shared on purpose although they contain an environment's name or host,
# with the places where a stack may name them.
SHARED_ON_PURPOSE: dict[str, tuple[str, ...]] = {
    # The Aurora cluster and its subnets.
    "mosaic-prod-aurora": (
        "data.aws_rds_cluster.shared_rds_cluster.",
        "data.aws_db_subnet_group.shared_database_subnet_group.",
    ),
    # One OAuth application for all.
    "mosaic/prod/google-oauth": (
        "resource.kubernetes_manifest.",
        "resource.aws_iam_role_policy.secret_store_role_secrets.",
    ),
    # The cookie's domain: the web and the API hosts are siblings below it.
    ".mosaiclife.me": (
        "resource.kubernetes_deployment_v1.",
        "resource.kubernetes_job_v1.",
        "resource.kubernetes_manifest.",
    ),
    # The certificate, which is named by its primary domain, production's host.
    "mosaiclife.me": ("data.aws_acm_certificate.shared_certificate.",),
}
# Resources that several environments' roles can reach; no environment owns them.
_MODEL = re.compile(
    r"arn:aws:bedrock:us-(east-1|east-2|west-2):(\d{12})?:"
    r"(foundation-model/(anthropic\.\*|amazon\.titan-embed-text-v2:0)|inference-profile/us\.anthropic\.\*)"
)
REACHED_BY_ALL = {
    # Mail from one sender (a condition), and SES's statistics, which have no resource.
    "ses": re.compile(r"\*"),
    # AWS's models, which contain none of our data.
    "bedrock": _MODEL,
    # The agreements to use them, made once per account; the actions have no resource.
    "marketplace": re.compile(r"\*"),
    # Google's OAuth application, read by the secret stores.
    "secrets": re.compile(r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:mosaic/prod/google-oauth-\?{6}"),
    # One Neptune cluster holds every environment's graph. IAM cannot divide it; the application does, with env_prefix.
    "neptune": re.compile(r"arn:aws:neptune-db:us-east-1:\d{12}:cluster-\w+/\*"),
}
# A mail address is one word; the apex domain in it is not a host.
_TOKEN = re.compile(r"[\w.*?/@-]+")
_PAIRS = list(permutations((*ENVIRONMENTS, "preview-2"), 2))


def _configured(template: Template, kind: str, attribute: str) -> set[str]:
    return {str(template.resolve(body[attribute])) for body in template.all(kind).values()}


def _annotations(template: Template, name: str) -> set[str]:
    return {
        value
        for metadata in template.kubernetes.values()
        for key, value in metadata.get("annotations", {}).items()
        if key == name
    }


def _cookies(template: Template) -> set[tuple[str, str]]:
    return {
        (variables["SESSION_COOKIE_NAME"], variables["SESSION_COOKIE_DOMAIN"])
        for body in template.all("kubernetes_deployment_v1").values()
        for container in body["spec"]["template"]["spec"]["container"]
        if "SESSION_COOKIE_NAME" in (variables := {item["name"]: item.get("value") for item in container["env"]})
    }


def _identities(template: Template) -> dict[str, set[object]]:
    """Return every identifier that could clash with another environment's, by kind."""
    backend = template.document["terraform"]["backend"]["s3"]
    return {
        "bucket": {*_configured(template, "aws_s3_bucket", "bucket"), backend["bucket"]},
        "state key": {backend["key"]},
        "IAM role": {*_configured(template, "aws_iam_role", "name")},
        "secret": {*_configured(template, "aws_secretsmanager_secret", "name")},
        "database": {*_configured(template, "postgresql_database", "name")},
        "database role": {*_configured(template, "postgresql_role", "name")},
        "namespace": {metadata["namespace"] for metadata in template.kubernetes.values() if "namespace" in metadata},
        "host": {
            rule["host"] for body in template.all("kubernetes_ingress_v1").values() for rule in body["spec"]["rule"]
        },
        "DNS name": {
            host
            for hosts in _annotations(template, "external-dns.alpha.kubernetes.io/hostname")
            for host in hosts.split(",")
        },
        "group.order": {*_annotations(template, "alb.ingress.kubernetes.io/group.order")},
        "cookie": {*_cookies(template)},
        "tag": {
            provider["default_tags"][0]["tags"]["Environment"] for provider in template.document["provider"]["aws"]
        },
    }


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_two_environments_share_no_identity(wholes: dict[str, Template], one: str, other: str) -> None:
    others = _identities(wholes[other])
    for kind, identities in _identities(wholes[one]).items():
        assert identities, f"{one} has no {kind}: this test would look at nothing"
        assert not identities & others[kind], f"{one} and {other} share the {kind} {identities & others[kind]}"


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_no_string_in_a_stack_names_another_environment(
    templates: dict[str, Template], wholes: dict[str, Template], one: str, other: str
) -> None:
    """No string contains its name as a word, or its identifiers as a whole word.

    A build's tag may name the environment that the build was first made for, because other environments run it too.
    """
    settings, tags = SETTINGS.find(other), [image.tag for image in SETTINGS.find(one).images.values() if image.tag]
    names = {settings.name, settings.stage} - {one, SETTINGS.find(one).stage}
    identities = {
        identity
        for kind, values in _identities(wholes[other]).items()
        for identity in values
        if isinstance(identity, str) and kind != "group.order"
    }
    assert identities
    for path, text in chain(templates[one].strings(), wholes[one].strings()):
        for word in _words(text):
            if path.startswith(SHARED_ON_PURPOSE.get(word, ())):
                continue
            assert word not in identities, f"{path}: {text!r} holds {word!r} of {other}"
            untagged = reduce(lambda rest, tag: rest.replace(tag, ""), tags, word)
            assert not names & _names_in(untagged), f"{path}: {text!r} names {other}"


def _names_in(word: str) -> set[str]:
    """Return a word's possible environment names: its parts, and pairs of parts, because a preview's name has two."""
    parts = re.findall(r"[a-z0-9]+", word.lower())
    return {*parts, *("-".join(pair) for pair in pairwise(parts))}


def _words(text: str) -> set[str]:
    # A policy names a secret by its path with an open ARN suffix.
    return {token.rstrip(".").removesuffix("-??????") for token in _TOKEN.findall(text)}


def _reached(template: Template) -> set[tuple[str, str]]:
    """Return what a stack's roles reach outside it: policy names with each literal resource."""
    return {
        (body["name"], resource)
        for body in template.some("aws_iam_role_policy").values()
        for statement in json.loads(body["policy"])["Statement"]
        for resource in statement["Resource"]
        if not resource.startswith("${")
    }


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_roles_of_two_environments_share_only_common_resources(
    templates: dict[str, Template], one: str, other: str
) -> None:
    for name, resource in _reached(templates[one]) & _reached(templates[other]):
        assert name in REACHED_BY_ALL, f"{one} and {other} both reach {resource} by {name}"
        assert REACHED_BY_ALL[name].fullmatch(resource), f"{name}: {resource}"


def test_no_environments_stack_names_the_administrators_login(whole: Template) -> None:
    """Its path contains production's name; only bootstrap reads it."""
    administrator = SHARED.database_server.administrator_secret
    assert administrator
    assert [path for path, text in whole.strings() if administrator in text] == []
    assert [path for path, text in whole.strings() if "master_user" in text and "condition" not in path] == []


def test_every_exception_from_isolation_is_used(templates: dict[str, Template]) -> None:
    """Unused exceptions must be removed."""
    used = {
        word
        for stack in templates.values()
        for path, text in stack.strings()
        for word in _words(text)
        if path.startswith(SHARED_ON_PURPOSE.get(word, ()))
    }
    assert used == set(SHARED_ON_PURPOSE)
    reached = _reached(templates["prod"]) & _reached(templates["staging"])
    assert {name for name, _ in reached} == set(REACHED_BY_ALL)


_SEARCHING = """
import main
from modules.base.terraform import ReadableStack

del ReadableStack.prepare_stack
main.main()
"""


def test_a_search_for_references_to_other_stacks_changes_nothing(aws_stacks: Path, tmp_path: Path) -> None:
    """CDKTF's own search, which the stacks skip, would add the other stack's state and change the configuration."""
    searched = run_main(tmp_path, {}, program=("-c", _SEARCHING))
    assert searched.returncode == 0, searched.stderr
    for name in (BOOTSTRAP, *SETTINGS.names()):
        found = tmp_path / "stacks" / name / "cdk.tf.json"
        assert found.read_bytes() == (aws_stacks / name / "cdk.tf.json").read_bytes(), name
