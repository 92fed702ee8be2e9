"""Rules within and between environments, each with a passing and a failing case."""

import pytest

from environments.schema.rules import SettingsError, check
from environments.schema.settings import RESOURCE_KINDS, Environment, Shared
from environments.shared import SHARED
from tests.unit.environments.example import Data, environment

# Another environment that shares nothing with the example.
OTHER: Data = {
    "name": "other",
    "stage": "rehearsal",
    "web.hosts": ("other.mosaiclife.me",),
    "core_api.hosts": ("other-api.mosaiclife.me",),
    "session.cookie_name": "mosaic_other_session",
    "web.ingress_order": 310,
    "core_api.ingress_order": 320,
}


def _problems(*environments: Environment, shared: Shared = SHARED) -> list[str]:
    try:
        check(environments, shared)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def _other(changes: Data | None = None) -> Environment:
    return environment({**OTHER, **(changes or {})})


def test_zero_one_and_two_environments_satisfy_the_rules() -> None:
    assert not _problems()
    assert not _problems(environment())
    assert not _problems(environment(), _other())


@pytest.mark.parametrize("host", ["mosaiclife.me", "anything.mosaiclife.me"])
def test_the_certificate_covers_the_apex_and_one_label_below(host: str) -> None:
    assert not _problems(environment({"web.hosts": (host,)}))


@pytest.mark.parametrize("field", ["web", "core_api"])
def test_a_host_deeper_than_the_certificate_is_refused(field: str) -> None:
    assert _problems(environment({f"{field}.hosts": ("a.b.mosaiclife.me",)})) == [
        f"test.{field}.hosts: 'a.b.mosaiclife.me' is not covered by the certificate; "
        "allowed: mosaiclife.me and one label below it, such as a.mosaiclife.me"
    ]


def test_a_host_in_another_domain_violates_certificate_and_cookie_rules() -> None:
    certificate, cookie = _problems(environment({"web.hosts": ("test.example.org",)}))
    assert certificate.startswith("test.web.hosts: 'test.example.org' is not covered by the certificate")
    assert cookie == (
        "test.web.hosts: 'test.example.org' cannot be sent a cookie of domain '.mosaiclife.me' (shared.cookie_domain); "
        "allowed: mosaiclife.me and names below it"
    )


def test_a_name_that_merely_ends_with_the_cookie_domain_is_refused() -> None:
    """Domains match label by label."""
    problems = _problems(environment({"core_api.hosts": ("evilmosaiclife.me",)}))
    assert any("cannot be sent a cookie of domain" in problem for problem in problems)


def test_a_cookie_domain_that_misses_a_sibling_is_refused() -> None:
    """A cookie for the web host's own domain never reaches the API host."""
    shared = SHARED.model_copy(update={"cookie_domain": ".test.mosaiclife.me"})
    assert _problems(environment(), shared=shared) == [
        "test.core_api.hosts: 'test-api.mosaiclife.me' cannot be sent a cookie of domain '.test.mosaiclife.me' "
        "(shared.cookie_domain); allowed: test.mosaiclife.me and names below it"
    ]


# One pod of each application, one more of each during a rolling update, and one migration, with the applications' own
# resources: web 200m to 500m, 256Mi to 512Mi and 64Mi to 512Mi, core-api 250m to 1000m, 512Mi to 1Gi and 256Mi to 1Gi.
NEEDED = {
    "cpu_requests": ("1150m", "1149m", "1.15"),
    "memory_requests": ("2Gi", "2047Mi", "2048Mi"),
    "ephemeral_storage_requests": ("896Mi", "895Mi", "896Mi"),
    "cpu_limits": ("4", "3999m", "4"),
    "memory_limits": ("4Gi", "4095Mi", "4096Mi"),
    "ephemeral_storage_limits": ("4Gi", "4095Mi", "4096Mi"),
    "pods": (5, 4, "5"),
}


def test_a_quota_of_exactly_the_needed_amount_is_enough() -> None:
    exact = {f"quota.{field}": enough for field, (enough, _, _) in NEEDED.items()}
    assert not _problems(environment(exact))


@pytest.mark.parametrize("field", NEEDED)
def test_a_quota_that_would_stop_a_rollout_is_refused(field: str) -> None:
    _, too_little, needed = NEEDED[field]
    assert _problems(environment({f"quota.{field}": too_little})) == [
        f"test.quota.{field}: {too_little!r} is less than the {needed} that all pods may need together "
        "(largest replica counts, 25 % more during a rolling update, one migration); allowed: that or more"
    ]


def test_the_quota_counts_the_autoscalers_maximum_and_own_resources() -> None:
    # 9 plus 3 more (rounded up), core-api's 2 and the migration: 15.
    cpu = {"quota.cpu_requests": "99", "quota.cpu_limits": "99"}
    memory = {"quota.memory_requests": "99Gi", "quota.memory_limits": "99Gi"}
    storage = {"quota.ephemeral_storage_requests": "99Gi", "quota.ephemeral_storage_limits": "99Gi"}
    scaled = {**cpu, **memory, **storage, "web.autoscaling": {"minimum": 1, "maximum": 9}}
    assert not _problems(environment({**scaled, "quota.pods": 15}))
    assert len(_problems(environment({**scaled, "quota.pods": 14}))) == 1
    large = {f"{kind}_{amount}": "1Gi" for kind in RESOURCE_KINDS for amount in ("request", "limit")}
    large |= {"cpu_request": "1", "cpu_limit": "1"}
    # 2 of web at 1 core, 3 of core-api at 250m.
    roomy = {**memory, **storage, "web.resources": large}
    assert not _problems(environment({**roomy, "quota.cpu_requests": "2750m"}))
    assert len(_problems(environment({**roomy, "quota.cpu_requests": "2749m"}))) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "test"}, "name 'test' is used twice by test"),
        ({"stage": "test"}, "stage 'test' is used by test and by other"),
        ({"web.hosts": ("test.mosaiclife.me",)}, "host 'test.mosaiclife.me' is used by test and by other"),
        ({"core_api.hosts": ("test.mosaiclife.me",)}, "host 'test.mosaiclife.me' is used by test and by other"),
        (
            {"session.cookie_name": "mosaic_test_session"},
            "(session.cookie_name, cookie_domain) ('mosaic_test_session', '.mosaiclife.me') "
            "is used by test and by other",
        ),
        ({"web.ingress_order": 210}, "ingress_order 210 is used by test and by other"),
        ({"core_api.ingress_order": 210}, "ingress_order 210 is used by test and by other"),
        # Names that the first one derives from its own name.
        ({"database.name": "core_test"}, "database.name 'core_test' is used by test and by other"),
        ({"database.role": "mosaic_test"}, "database.role 'mosaic_test' is used by test and by other"),
        (
            {"database.credentials_path": "mosaic/test/rds/credentials"},
            "database.credentials_path 'mosaic/test/rds/credentials' is used by test and by other",
        ),
    ],
)
def test_two_environments_claiming_the_same_name_are_refused(changes: Data, message: str) -> None:
    assert f"{message}; allowed: each once in the account" in _problems(environment(), _other(changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"core_api.hosts": ("test.mosaiclife.me",)}, "host 'test.mosaiclife.me' is used twice by test"),
        ({"core_api.ingress_order": 210}, "ingress_order 210 is used twice by test"),
    ],
)
def test_an_environment_claiming_a_name_twice_is_refused(changes: Data, message: str) -> None:
    assert _problems(environment(changes)) == [f"{message}; allowed: each once in the account"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"web.hosts": ("test-two.mosaiclife.me",)},
            "other.web.hosts[0]: 'test-two.mosaiclife.me' names the environment 'test' ('test')",
        ),
        ({"branch": "release/Test"}, "other.branch: 'release/Test' names the environment 'test' ('test')"),
        ({"web.image.tag": "test-1"}, "other.web.image.tag: 'test-1' names the environment 'test' ('test')"),
        (
            {"session.cookie_name": "mosaic_test_2"},
            "other.session.cookie_name: 'mosaic_test_2' names the environment 'test' ('test')",
        ),
    ],
)
def test_a_value_naming_another_environment_is_refused(changes: Data, message: str) -> None:
    assert _problems(environment(), _other(changes)) == [f"{message}; allowed: no other environment's name"]


def test_an_image_is_named_after_its_branch() -> None:
    staging = environment({"name": "staging", "stage": "staging"})
    assert not _problems(staging, _other({"web.image.tag": "staging-80d2e05", "core_api.image.tag": "staging-80d2e05"}))


def test_a_permission_reaching_into_another_environment_can_be_dropped() -> None:
    dropped = ("secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:033691785857:secret:mosaic/test/*",)
    assert not _problems(environment(), _other({"adopt": True, "dropped_permissions": dropped}))


@pytest.mark.parametrize("field", ["core_api", "web"])
def test_one_digest_cannot_be_two_images(field: str) -> None:
    digest = f"sha256:{'a' * 64}"
    (problem,) = _problems(environment({"web.image.digest": digest}), _other({f"{field}.image.digest": digest})) or [""]
    assert problem == (
        f"other.core_api.image.digest: {digest!r} is also used by test.web.image.digest; "
        "allowed: a digest of this application's own image"
        if field == "core_api"
        else ""
    )
    assert _problems(environment({"web.image.digest": digest, "core_api.image.digest": digest}))


def test_the_stage_of_another_environment_counts_as_its_name() -> None:
    (problem,) = _problems(environment({"branch": "rehearsal"}), _other())
    assert (
        problem
        == "test.branch: 'rehearsal' names the environment 'other' ('rehearsal'); allowed: no other environment's name"
    )


def test_a_name_of_several_words_is_found() -> None:
    names = {"name": "load-run", "stage": "load"}
    (problem,) = _problems(_other(names), environment({"branch": "the-load-run-branch", "stage": "x"}))[:1]
    assert "names the environment 'load-run'" in problem


def test_a_word_merely_containing_another_environments_name_is_allowed() -> None:
    assert not _problems(environment(), _other({"web.hosts": ("latest.mosaiclife.me",), "branch": "attest"}))


def test_its_own_name_is_allowed_even_if_it_is_anothers_stage() -> None:
    """Two environments with the same stage are refused for that, not for containing their own names."""
    assert not _problems(environment({"branch": "test"}), _other())


def test_the_administrators_secret_never_belongs_to_an_environment() -> None:
    """In the account as built, the path derived from an environment's name holds the administrator's login."""
    path = "mosaic/test/rds/credentials"
    server = SHARED.database_server.model_copy(update={"administrator_secret": path})
    shared = SHARED.model_copy(update={"database_server": server})
    assert _problems(environment(), shared=shared) == [
        f"test.database.credentials_path: {path!r} holds the login of the database server's administrator "
        "(shared.database_server.administrator_secret); allowed: another path, for this environment's own login"
    ]
    assert not _problems(environment({"database.credentials_path": "mosaic/test/database/login"}), shared=shared)


def test_all_problems_are_reported_at_once() -> None:
    problems = _problems(
        environment({"quota.pods": 1, "web.hosts": ("a.b.mosaiclife.me",)}), _other({"web.ingress_order": 210})
    )
    assert len(problems) == 3


def test_an_ingress_order_must_be_unique_only_on_its_load_balancer() -> None:
    same: Data = {"web.ingress_order": 210}
    assert not _problems(environment(), _other({**same, "alb": "own"}))
    assert not _problems(environment({"alb": "own"}), _other({**same, "alb": "own"}))
    assert _problems(environment({"alb": "own", "core_api.ingress_order": 210})) == [
        "ingress_order 210 is used twice by test; allowed: each once in the account"
    ]
