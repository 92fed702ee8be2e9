"""Every physical name, and each service's limits."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.schema.settings import Environment
from modules.model import names as names_module
from modules.model.names import InvalidNameError, Names, bootstrap_state_bucket, load_balancer_group
from modules.model.selected_settings import SETTINGS, SHARED
from tests.unit.environments.example import environment

ENVIRONMENT_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,20}){0,4}", fullmatch=True)
IMAGE_TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True).filter(lambda tag: tag != "latest")
# The services' own rules, written again from their documentation (modules/model/names.py has the sources).
BUCKET, ROLE, POLICY, SECRET, LABEL, IDENTIFIER = (
    re.compile(pattern)
    for pattern in (
        r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        r"[\w+=,.@-]{1,64}",
        r"[\w+=,.@-]{1,128}",
        r"[\w/+=.@-]{1,512}",
        r"(?!-)[a-z0-9-]{1,63}(?<!-)",
        r"[a-z_][a-z0-9_]{0,62}",
    )
)
SERVICES = {
    "namespace": LABEL,
    "instance": LABEL,
    "media_bucket": BUCKET,
    "backups_bucket": BUCKET,
    "state_bucket": BUCKET,
    "database_credentials": SECRET,
    "session_key": SECRET,
    "core_api_role": ROLE,
    "secret_store": LABEL,
    "secret_store_account": LABEL,
    "secret_store_role": ROLE,
    "permissions_boundary": POLICY,
    "plan_role": ROLE,
    "deploy_role": ROLE,
    "database": IDENTIFIER,
    "database_role": IDENTIFIER,
    "database_template": IDENTIFIER,
    "database_deployer": IDENTIFIER,
    "database_planner": IDENTIFIER,
    "deploy_login": SECRET,
    "plan_login": SECRET,
    "migration_job": LABEL,
    "generated_secrets": SECRET,
}

# Distinguished by their namespace.
OF_NAMESPACE = {"migration_job", "secret_store", "secret_store_account"}


def _named(name: str, **changes: object) -> Environment:
    return environment({"name": name, **changes})


def test_stagings_names_match_the_account() -> None:
    assert asdict(Names.of(_named("staging", **{"core_api.image.tag": "develop"}), SHARED)) == {
        "namespace": "mosaic-staging",
        "instance": "mosaic-life-staging",
        "media_bucket": "mosaic-staging-media-033691785857",
        "backups_bucket": "mosaic-staging-backups-033691785857",
        "state_bucket": "mosaic-staging-terraform-state-033691785857",
        "database_credentials": "mosaic/staging/rds/credentials",
        "session_key": "mosaic/staging/session/secret-key",
        "core_api_role": "mosaic-staging-core-api-role",
        "secret_store": "environment-secrets",
        "secret_store_account": "external-secrets",
        "secret_store_role": "mosaic-staging-external-secrets-role",
        "permissions_boundary": "mosaic-staging-boundary",
        "plan_role": "mosaic-staging-plan",
        "deploy_role": "mosaic-staging-deploy",
        "database": "core_staging",
        "database_role": "mosaic_staging",
        "database_template": "core_staging_template",
        "database_deployer": "mosaic_staging_deploy",
        "database_planner": "mosaic_staging_plan",
        "deploy_login": "mosaic/staging/database/deploy",
        "plan_login": "mosaic/staging/database/plan",
        "migration_job": "core-api-migrate-develop",
        "generated_secrets": ("mosaic/staging/session/secret-key", "mosaic/staging/internal-api/token"),
    }


def test_a_hyphen_becomes_an_underscore_in_database_names() -> None:
    names = Names.of(_named("load-test"), SHARED)
    assert (names.namespace, names.database, names.database_role) == (
        "mosaic-load-test",
        "core_load_test",
        "mosaic_load_test",
    )


def test_database_names_can_be_set() -> None:
    given = {"name": "mosaic", "role": "mosaic_app", "credentials_path": "mosaic/app/database"}
    names = Names.of(_named("staging", database=given), SHARED)
    assert (names.database, names.database_role, names.database_credentials) == tuple(given.values())
    assert Names.of(_named("staging", database={"name": "mosaic"}), SHARED).database_role == "mosaic_staging"


def test_every_name_of_the_environments_is_known_here() -> None:
    assert set(SERVICES) == set(Names.__dataclass_fields__)
    for settings in SETTINGS.load():
        assert Names.of(settings, SHARED)


@given(name=ENVIRONMENT_NAMES, tag=IMAGE_TAGS)
def test_names_are_within_their_services_limits_or_refused(name: str, tag: str) -> None:
    try:
        names = asdict(Names.of(_named(name, **{"core_api.image.tag": tag}), SHARED))
    except InvalidNameError:
        return
    for field, rule in SERVICES.items():
        for found in names[field] if isinstance(names[field], tuple) else (names[field],):
            assert rule.fullmatch(found), f"{field}: {found}"
            assert field in OF_NAMESPACE or name in found.replace("_", "-")


@given(one=ENVIRONMENT_NAMES, other=ENVIRONMENT_NAMES)
def test_two_environments_share_no_name(one: str, other: str) -> None:
    try:
        first, second = (asdict(Names.of(_named(name), SHARED)) for name in (one, other))
    except InvalidNameError:
        return
    for field in SERVICES:
        if field not in OF_NAMESPACE:
            assert (first[field] == second[field]) is (one == other), field


def test_the_longest_bucket_name_limits_the_environments_name() -> None:
    # 63 characters are allowed, and the state bucket adds the most characters to the environment's name.
    longest = 63 - len(f"mosaic--terraform-state-{SHARED.account}")
    assert len(Names.of(_named("a" * longest), SHARED).state_bucket) == 63
    with pytest.raises(InvalidNameError) as raised:
        Names.of(_named("a" * (longest + 1)), SHARED)
    assert str(raised.value) == (
        f"'mosaic-{'a' * (longest + 1)}-terraform-state-033691785857' (64 characters) is not a S3 bucket name; "
        "allowed: at most 63 characters of the form [a-z0-9][a-z0-9-]+[a-z0-9] "
        "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)"
    )


def test_the_bootstrap_stack_keeps_its_state_in_its_own_bucket() -> None:
    bucket = bootstrap_state_bucket(SHARED)
    assert bucket == "mosaic-bootstrap-terraform-state-033691785857"
    assert bucket not in {Names.of(settings, SHARED).state_bucket for settings in SETTINGS.load()}


@pytest.mark.parametrize(
    ("rule", "longest", "wrong"),
    [
        ("_BUCKET", 63, ["a", "Aaa", "a_a", "-aa", "aa-", "a.a"]),
        ("_ROLE", 64, ["a/b", "a b", ""]),
        ("_POLICY", 128, ["a/b", "a b", ""]),
        ("_SECRET", 512, ["a b", "a:b", ""]),
        ("_KUBERNETES", 63, ["A", "-a", "a-", "a_a", "a.a", ""]),
        ("_POSTGRESQL", 63, ["A", "1a", "a-a", ""]),
    ],
)
def test_a_name_that_breaks_its_services_rule_is_refused(rule: str, longest: int, wrong: list[str]) -> None:
    service = getattr(names_module, rule)
    assert names_module._checked(service, "a" * longest) == "a" * longest
    for name in ["a" * (longest + 1), *wrong]:
        with pytest.raises(InvalidNameError) as raised:
            names_module._checked(service, name)
        for part in (repr(name), service.kind, f"at most {longest} characters", service.source):
            assert part in str(raised.value)


@pytest.mark.parametrize(
    ("tag", "job"),
    [
        ("80d2e05", "core-api-migrate-80d2e05"),
        ("a" * 40, f"core-api-migrate-{'a' * 40}"),
        ("v1.2.3", "core-api-migrate-v1-2-3"),
        ("Feature_X", "core-api-migrate-feature-x"),
        ("prod-80d2e05", "core-api-migrate-prod-80d2e05"),
    ],
)
def test_each_image_has_its_own_migration(tag: str, job: str) -> None:
    assert Names.of(environment({"core_api.image.tag": tag}), SHARED).migration_job == job


@pytest.mark.parametrize("image", [{}, {"tag": "develop"}])
def test_a_digest_names_the_migration_regardless_of_the_tag(image: dict[str, str]) -> None:
    settings = environment({"core_api.image": {**image, "digest": f"sha256:{'0123456789abcdef' * 4}"}})
    assert Names.of(settings, SHARED).migration_job == "core-api-migrate-0123456789ab"


def test_a_tag_that_leaves_nothing_for_a_name_is_refused() -> None:
    with pytest.raises(InvalidNameError, match=r"'core-api-migrate-' .* is not a Kubernetes name"):
        Names.of(environment({"core_api.image.tag": "___"}), SHARED)


def test_an_own_load_balancer_has_its_own_group() -> None:
    assert load_balancer_group(environment(), SHARED) == SHARED.load_balancer_group
    assert load_balancer_group(environment({"alb": "own"}), SHARED) == "mosaic-life-test"


def test_an_own_load_balancer_never_joins_the_shared_group() -> None:
    with pytest.raises(
        InvalidNameError, match=r"'mosaic-life-main' is the group of the shared load balancer, but main"
    ):
        load_balancer_group(environment({"name": "main", "alb": "own"}), SHARED)


@pytest.mark.parametrize(("group", "alb"), [("mosaic-life-test", "shared"), ("docs", "own")])
def test_a_neighbours_group_differs_from_the_environments_own(group: str, alb: str) -> None:
    docs = {"name": "docs", "labels": {"app": "docs"}, "hosts": ("docs.mosaiclife.me",), "load_balancer_group": group}
    expected = SHARED.load_balancer_group if alb == "shared" else "mosaic-life-test"
    assert load_balancer_group(environment({"alb": alb, "neighbours": (docs,)}), SHARED) == expected


def test_a_neighbour_does_not_join_an_own_load_balancer() -> None:
    group = "mosaic-life-test"
    docs = {"name": "docs", "labels": {"app": "docs"}, "hosts": ("docs.mosaiclife.me",), "load_balancer_group": group}
    with pytest.raises(InvalidNameError, match=r"'mosaic-life-test' is the group of the neighbour docs, .* allowed:"):
        load_balancer_group(environment({"alb": "own", "neighbours": (docs,)}), SHARED)
