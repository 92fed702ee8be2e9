"""Everything in an account by name, in every engine: a release may leave only what existed before."""

from collections.abc import Iterator

from tests.account import SHARED
from tests.live.ingress_results import record_names, rules_of, target_group_owners
from tests.live.project import Project


def account_inventory(project: Project) -> frozenset[str]:
    """Return a line for each resource, without the states' objects: bootstrap keeps them."""
    return frozenset(line for part in (_aws, _database_server, _cluster, _load_balancer) for line in part(project))


def _aws(project: Project) -> Iterator[str]:
    s3, iam, secrets = project.client("s3"), project.client("iam"), project.client("secretsmanager")
    for bucket in s3.list_buckets()["Buckets"]:
        yield f"bucket {bucket['Name']}"
        if "terraform-state" not in bucket["Name"]:
            for row in s3.list_object_versions(Bucket=bucket["Name"]).get("Versions", []):
                yield f"object {bucket['Name']}/{row['Key']}?{row['VersionId']}"
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            policies = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
            yield f"role {role['RoleName']} {role['RoleId']} {' '.join(sorted(policies))}"
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        yield from (f"policy {policy['PolicyName']} {policy['DefaultVersionId']}" for policy in page["Policies"])
    for page in secrets.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
        yield from (f"secret {secret['Name']}" for secret in page["SecretList"])


def _database_server(project: Project) -> Iterator[str]:
    for kind, name in project.sql(
        "SELECT 'database', datname || ' ' || oid || ' ' || datacl::text FROM pg_database"
        " UNION ALL SELECT 'login', rolname || ' ' || oid FROM pg_roles"
        " UNION ALL SELECT 'member', roleid::regrole || ' ' || member::regrole || ' ' || admin_option::text"
        " FROM pg_auth_members"
    ):
        yield f"{kind} {name}"


def _cluster(project: Project) -> Iterator[str]:
    yield from (f"namespace {name} {uid}" for name, uid in project.namespaces().items())


def _load_balancer(project: Project) -> Iterator[str]:
    yield from (f"target group of {owner}" for owner in target_group_owners(project))
    yield from (f"rule {' '.join(rule.hosts)}" for rule in rules_of(project, SHARED.load_balancer_group))
    yield from (f"record {name}" for name in record_names(project))
