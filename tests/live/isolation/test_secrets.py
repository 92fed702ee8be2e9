"""Secrets: an environment's pods reach their own two secrets, and no others in the account."""

import pytest

from tests.live.isolation.tenant import Tenant, listed, outcome

pytestmark = pytest.mark.promise("Isolation")


def secrets_of_the_account(own: Tenant) -> dict[str, str]:
    """Return every secret of the account, with its ARN."""
    pages = own.project.client("secretsmanager").get_paginator("list_secrets").paginate()
    return {secret["Name"]: secret["ARN"] for page in pages for secret in page["SecretList"]}


@pytest.mark.read_only
def test_core_api_reads_exactly_its_own_secrets(own: Tenant, other: Tenant) -> None:
    client, secrets = own.client("secretsmanager"), secrets_of_the_account(own)
    assert {*own.secrets, *other.secrets} < set(secrets)
    wrong = []
    for name, arn in secrets.items():
        expected = "allowed" if name in own.secrets else "refused"
        for identifier in (name, arn):
            for call in (client.get_secret_value, client.describe_secret):
                answer = outcome(call, SecretId=identifier)
                if answer != expected:
                    wrong.append(f"{call.__name__} of {identifier}: {answer}, not {expected}")
    assert not wrong, f"{own.names.core_api_role} and the account's secrets:\n{listed(wrong)}"


@pytest.mark.read_only
def test_core_api_cannot_list_secrets(own: Tenant) -> None:
    assert outcome(own.client("secretsmanager").list_secrets) == "refused"


def test_core_api_cannot_change_any_secret_not_even_its_own(own: Tenant, other: Tenant) -> None:
    client, secrets = own.client("secretsmanager"), secrets_of_the_account(own)
    assert {*own.secrets, *other.secrets} < set(secrets)
    changed = []
    for name in secrets:
        answers = {
            # With a staging label of its own: if it is allowed after all, the environments still read their values.
            "put a value": outcome(client.put_secret_value, SecretId=name, SecretString="{}", VersionStages=["PROBE"]),
            "tag": outcome(client.tag_resource, SecretId=name, Tags=[{"Key": "a", "Value": "b"}]),
        }
        changed += [f"{what}: {name}: {answer}" for what, answer in answers.items() if answer != "refused"]
    assert not changed, f"{own.names.core_api_role} changes what it must not:\n{listed(changed)}"
