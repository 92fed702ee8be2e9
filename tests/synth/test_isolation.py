"""Two environments share nothing but what the account holds once for all."""

import re
from itertools import chain, permutations
from pathlib import Path

import pytest

from environments.schema.settings import BOOTSTRAP
from modules.model.selected_settings import SETTINGS
from tests.conftest import run_main
from tests.synth.template import Template

# What environments/shared.py says is shared on purpose, although its name holds an environment's or the apex.
SHARED_ON_PURPOSE = {
    "mosaic-prod-db",  # the RDS instance
    "mosaic/prod/google-oauth",  # one OAuth application for all
    ".mosaiclife.me",  # the cookie's domain: the web and the API hosts are siblings below it
    "*.mosaiclife.me",  # the certificate
}
_TOKEN = re.compile(r"[\w.*/-]+")
_PAIRS = list(permutations(SETTINGS.names(), 2))


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
    """Everything by which another environment could be met, by what it is."""
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
def test_no_string_of_a_stack_names_another_environment(
    templates: dict[str, Template], wholes: dict[str, Template], one: str, other: str
) -> None:
    """Neither its name, as a word of any string, nor anything of its own, as a whole word."""
    settings = SETTINGS.find(other)
    names = {settings.name, settings.stage} - {one, SETTINGS.find(one).stage}
    identities = {
        identity
        for kind, values in _identities(wholes[other]).items()
        for identity in values
        if isinstance(identity, str) and kind != "group.order"
    }
    assert identities
    for path, text in chain(templates[one].strings(), wholes[one].strings()):
        for token in _TOKEN.findall(text):
            word = token.rstrip(".")
            if word in SHARED_ON_PURPOSE:
                continue
            assert word not in identities, f"{path}: {text!r} holds {word!r} of {other}"
            assert not names & set(re.findall(r"[a-z0-9]+", word.lower())), f"{path}: {text!r} names {other}"


def test_every_exception_from_isolation_is_used(templates: dict[str, Template]) -> None:
    """An exception that nothing needs any more has to go."""
    words = {
        token.rstrip(".")
        for stack in templates.values()
        for _, text in stack.strings()
        for token in _TOKEN.findall(text)
    }
    assert words >= SHARED_ON_PURPOSE


_SEARCHING = """
import main
from modules.base.terraform import ReadableStack

del ReadableStack.prepare_stack
main.main()
"""


def test_a_search_for_references_to_other_stacks_finds_none(aws_stacks: Path, tmp_path: Path) -> None:
    """CDKTF's own, which the stacks leave out: it would add the other stack's state, and change the configuration."""
    searched = run_main(tmp_path, {}, program=("-c", _SEARCHING))
    assert searched.returncode == 0, searched.stderr
    for name in (BOOTSTRAP, *SETTINGS.names()):
        found = tmp_path / "stacks" / name / "cdk.tf.json"
        assert found.read_bytes() == (aws_stacks / name / "cdk.tf.json").read_bytes(), name
