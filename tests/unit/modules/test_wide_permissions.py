"""docs/wide-permissions.md lists exactly the permissions that are not limited to exact resources."""

import json
import re
from collections.abc import Iterator

import pytest

from environments.applications import CAPABILITIES
from environments.schema.settings import Environment, Shared
from modules.model.capabilities import permissions_of
from modules.model.iam_policies import EnvironmentPolicies
from modules.model.names import Names
from modules.model.project import ROOT
from modules.model.selected_settings import settings_of

PAGE = ROOT / "docs" / "wide-permissions.md"
DOCUMENTS = ("plan", "deploy", "boundary")
# A row's columns before its reason: statement, documents, actions, resources.
Row = tuple[str, frozenset[str], frozenset[str], frozenset[str]]


def abstract(resource: str, shared: Shared) -> str:
    """Return a resource without the names of environment and account."""
    resource = re.sub(r":[a-z]{2}-[a-z]+-\d:", ":REGION:", resource.replace(shared.account, "ACCOUNT"))
    resource = re.sub(r"cluster-[0-9A-Z]+/", "CLUSTER/", resource).replace(f"/{shared.cluster}/", "/CLUSTER_NAME/")
    resource = re.sub(r"secret:[^?]+-\?{6}", "secret:PATH-??????", resource)
    return re.sub(r"arn:aws:s3:::[a-z0-9-]+ACCOUNT/", "arn:aws:s3:::BUCKET/", resource)


def wide_statements(
    environment: Environment, shared: Shared
) -> Iterator[tuple[str, str, frozenset[str], frozenset[str]]]:
    names = Names.of(environment, shared)
    policies = EnvironmentPolicies(
        environment=environment,
        shared=shared,
        names=names,
        oidc_provider_arn="arn:aws:iam::1:oidc-provider/example.com",
        deploy_login_arn=f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:deploy-AbCdEf",
        plan_login_arn=f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:plan-AbCdEf",
        database_subnet_group="mosaic-database",
        vpc="vpc-0123456789abcdef0",
    )
    capabilities = {
        json.dumps(statement): name
        for name, statements in permissions_of(environment, shared, names).items()
        for statement in statements
    }
    for document in DOCUMENTS:
        for statement in json.loads(getattr(policies, document))["Statement"]:
            resources = statement.get("Resource", ["*"])
            wide = frozenset(abstract(it, shared) for it in resources if "*" in it or "?" in it)
            if statement["Effect"] == "Allow" and wide:
                assert "Action" in statement, f"{statement}: a row of the table names actions"
                name = statement.get("Sid") or capabilities[json.dumps(statement)]
                yield name, document, frozenset(statement["Action"]), wide


def environments() -> Iterator[tuple[Environment, Shared]]:
    """Every environment of both accounts, with a tunnel, and one environment with all capabilities."""
    for account in ("built", "designed"):
        settings = settings_of(account)
        for environment in settings.load():
            yield environment.changed({"tunnel_instance": "i-0123456789abcdef0"}), settings.shared


def found() -> set[Row]:
    documents: dict[tuple[str, frozenset[str], frozenset[str]], set[str]] = {}
    for environment, shared in environments():
        for name, document, actions, resources in wide_statements(environment, shared):
            documents.setdefault((name, actions, resources), set()).add(document)
    return {(name, frozenset(where), actions, resources) for (name, actions, resources), where in documents.items()}


def listed() -> dict[Row, str]:
    """Return each row of the page with its reason."""
    rows = re.findall(r"^\| `.*\|$", PAGE.read_text(), re.M)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {
        (
            name.strip("`"),
            frozenset(where.split(", ")),
            *(frozenset(re.findall(r"`([^`]+)`", it)) for it in (actions, of)),
        ): why
        for name, where, actions, of, why in cells
    }


def test_rows_and_wide_permissions_match_exactly() -> None:
    assert found() - listed().keys() == set(), "a wide permission is not in docs/wide-permissions.md"
    assert listed().keys() - found() == set(), "docs/wide-permissions.md has a row of which there is no permission"


@pytest.mark.parametrize("row", listed(), ids=lambda row: row[0])
def test_a_row_gives_the_reason(row: Row) -> None:
    assert len(listed()[row].split()) > 3


def test_every_capability_with_permissions_is_checked() -> None:
    on = {name for environment, _ in environments() for name in environment.capabilities}
    assert {capability.name for capability in CAPABILITIES if capability.permissions} <= on
