"""Validation of single values and objects in the settings, each with a passing and a failing case."""

from typing import Any

import pytest
from pydantic import ValidationError

from environments.schema.settings import Shared
from environments.shared import SHARED
from modules.model.selected_settings import settings_of
from tests.unit.environments.example import REMOVED, Data, changed, environment

AUTOSCALING = {"minimum": 1, "maximum": 2}
RESOURCES = {
    "cpu_request": "100m",
    "memory_request": "64Mi",
    "ephemeral_storage_request": "64Mi",
    "cpu_limit": "200m",
    "memory_limit": "64Mi",
    "ephemeral_storage_limit": "1Gi",
}

PREVIEW: Data = {"name": "preview-1", "slot": 1, "branch": REMOVED}
DIGEST = f"sha256:{'a' * 64}"

ACCEPTED: list[Data] = [
    {},
    {"name": "a"},
    {"name": "load-test-2"},
    {"stage": "pre-production"},
    {"branch": "feature/a.b_c-d"},
    {"protected": True},
    {"protected": True, "web.image.tag": "v1.2.3"},
    {"protected": True, "web.image.tag": "prod-80d2e05", "core_api.image.tag": f"staging-{'a' * 40}"},
    {"protected": True, "web.image": {"digest": DIGEST}},
    {"protected": True, "web.image": {"tag": "main", "digest": DIGEST}},
    {"web.image.tag": "develop"},
    {"core_api.image": {"tag": "develop", "digest": DIGEST}},
    {"adopt": True},
    {"adopt": ()},
    {"tunnel_instance": "i-0123456789abcdef0"},
    {"tunnel_instance": "mi-0123456789abcdef0"},
    {"adopt": ("media", "backups", "core-api-role")},
    {"adopt": ("argocd-application",), "delivery": "argocd"},
    {"adopt": ("core-api-role",), "dropped_permissions": ("ses:SendEmail", "trust:system:serviceaccount:a-*:core-api")},
    {"log_level": "debug"},
    {"web.hosts": ("mosaiclife.me", "a.mosaiclife.me")},
    {"web.replicas": 1000},
    {"web.autoscaling": AUTOSCALING},
    {"web.autoscaling": {**AUTOSCALING, "maximum": 1}},
    {"web.autoscaling": {**AUTOSCALING, "cpu_percent": 100, "memory_percent": 1}},
    {"web.minimum_available": 1, "web.replicas": 2},
    {"web.ingress_order": 1},
    {"web.ingress_order": 1000},
    {"web.resources": RESOURCES},
    {"database.credentials_version": 2},
    {"database.login_version": 2},
    {"database.name": "mosaic", "database.role": "mosaic_app", "database.credentials_path": "mosaic/app/database"},
    {"database.extensions": ("vector", "uuid-ossp")},
    {"session.key_version": 2},
    {"session.cookie_domain": ".preview.mosaiclife.me"},
    PREVIEW,
    {"media.infrequent_access_after": 30},
    {"media.old_versions_expire_after": 1},
    {"backups.expire_after": 3650},
    {"backups.old_versions_expire_after": 1},
    {"quota.cpu_requests": "0.5"},
]

# The change, the field that the message must name (with the value), and the allowed values it must state.
REFUSED: list[tuple[Data, str, str]] = [
    ({"name": "Test"}, "name", "a-z first, then a-z, 0-9 and single inner hyphens"),
    ({"name": "2test"}, "name", "a-z first"),
    ({"name": "te--st"}, "name", "single inner hyphens"),
    ({"name": "test-"}, "name", "single inner hyphens"),
    ({"name": "te_st"}, "name", "a-z, 0-9"),
    ({"name": ""}, "name", "a-z first"),
    ({"stage": "Production"}, "stage", "^[a-z][a-z0-9-]{0,62}$"),
    ({"branch": "-x"}, "branch", "^[A-Za-z0-9]"),
    ({"session.cookie_domain": "mosaiclife.me"}, "session.cookie_domain", "a dot and a host name"),
    ({**PREVIEW, "slot": 0}, "slot", "greater than or equal to 1"),
    ({**PREVIEW, "slot": 10}, "slot", "less than or equal to 9"),
    ({"web.image.tag": "latest"}, "web.image.tag", "prod-<commit>, staging-<commit>, a commit, a release or a branch"),
    ({"web.image.tag": "feature/x"}, "web.image.tag", "at most 128 of A-Z a-z 0-9 _ . and -"),
    ({"core_api.image.tag": "a" * 129}, "core_api.image.tag", "at most 128"),
    ({"core_api.image.tag": DIGEST}, "core_api.image.tag", "a digest goes into digest"),
    ({"core_api.image.digest": "sha256:abc"}, "core_api.image.digest", "sha256:<64 hex digits>"),
    ({"core_api.image.digest": DIGEST.upper()}, "core_api.image.digest", "sha256:<64 hex digits>"),
    ({"web.image": {}}, "web.image", "neither tag nor digest is given; allowed: one of them, or both"),
    ({"adopt": ("media", "buckets", "role")}, "adopt", "'buckets', 'role' cannot be adopted; allowed: True, False, or"),
    ({"adopt": "media"}, "adopt", 'some of ("media", "backups", "session-key"'),
    ({"adopt": True, "dropped_permissions": ("",)}, "dropped_permissions.0", "at least 1 character"),
    ({"tunnel_instance": "bastion"}, "tunnel_instance", "^m?i-[0-9a-f]{8,17}$"),
    ({"log_level": "trace"}, "log_level", "debug|info|warning|error|critical"),
    ({"web.hosts": ()}, "web.hosts", "at least 1 item"),
    ({"web.hosts": ("localhost",)}, "web.hosts.0", "two or more labels"),
    ({"web.hosts": ("a.example.org", "B.example.org")}, "web.hosts.1", "a-z, 0-9 and inner hyphens"),
    ({"web.hosts": ("-a.example.org",)}, "web.hosts.0", "inner hyphens"),
    ({"web.hosts": (f"{'a' * 64}.example.org",)}, "web.hosts.0", "each at most 63 characters"),
    ({"web.hosts": (".".join(["a" * 60] * 5),)}, "web.hosts.0", "at most 253 in all"),
    ({"web.replicas": 0}, "web.replicas", "greater than or equal to 1"),
    ({"web.replicas": 1001}, "web.replicas", "less than or equal to 1000"),
    ({"web.autoscaling": {"minimum": 0, "maximum": 1}}, "web.autoscaling.minimum", "greater than or equal to 1"),
    ({"web.autoscaling": {"minimum": 1, "maximum": 1001}}, "web.autoscaling.maximum", "less than or equal to 1000"),
    (
        {"web.autoscaling": {**AUTOSCALING, "cpu_percent": 0}},
        "web.autoscaling.cpu_percent",
        "greater than or equal to 1",
    ),
    (
        {"web.autoscaling": {**AUTOSCALING, "memory_percent": 101}},
        "web.autoscaling.memory_percent",
        "less than or equal to 100",
    ),
    ({"web.minimum_available": 0}, "web.minimum_available", "greater than or equal to 1"),
    ({"web.ingress_order": 0}, "web.ingress_order", "greater than or equal to 1"),
    ({"web.ingress_order": 1001}, "web.ingress_order", "less than or equal to 1000"),
    ({"web.resources": {**RESOURCES, "cpu_request": "a lot"}}, "web.resources.cpu_request", "250m, 1, 0.5, 512Mi"),
    ({"web.resources": {**RESOURCES, "memory_limit": "0"}}, "web.resources.memory_limit", "more than zero"),
    ({"database.credentials_version": 0}, "database.credentials_version", "greater than or equal to 1"),
    ({"database.login_version": 0}, "database.login_version", "greater than or equal to 1"),
    ({"database.extensions": ("Vector",)}, "database.extensions.0", "^[a-z][a-z0-9_-]{0,62}$"),
    ({"database.name": "core-test"}, "database.name", "a-z or _ first, then a-z, 0-9 and _"),
    ({"database.role": "a" * 64}, "database.role", "at most 63 characters"),
    ({"database.name": "postgres"}, "database.name", "any other name, such as core_staging"),
    ({"database.role": "rds_superuser"}, "database.role", "is reserved by the server"),
    ({"database.credentials_path": ""}, "database.credentials_path", "1 to 512 of A-Z a-z 0-9 / _ + = . @ -"),
    ({"session.cookie_name": "my session"}, "session.cookie_name", "1 to 64 of A-Z a-z 0-9 _ and -"),
    ({"session.cookie_name": "a" * 65}, "session.cookie_name", "1 to 64"),
    ({"session.key_version": 0}, "session.key_version", "greater than or equal to 1"),
    ({"media.infrequent_access_after": 29}, "media.infrequent_access_after", "greater than or equal to 30"),
    ({"media.old_versions_expire_after": 0}, "media.old_versions_expire_after", "greater than or equal to 1"),
    ({"backups.expire_after": 0}, "backups.expire_after", "greater than or equal to 1"),
    ({"backups.expire_after": 3651}, "backups.expire_after", "less than or equal to 3650"),
    ({"backups.old_versions_expire_after": 0}, "backups.old_versions_expire_after", "greater than or equal to 1"),
    ({"quota.memory_limits": "8GB"}, "quota.memory_limits", "512Mi, 1Gi and the like"),
    ({"quota.ephemeral_storage_limits": "0.5"}, "quota.ephemeral_storage_limits", "not a whole number of bytes"),
    ({"quota.pods": 0}, "quota.pods", "greater than or equal to 1"),
]


@pytest.mark.parametrize("changes", ACCEPTED, ids=str)
def test_allowed_values_are_accepted(changes: Data) -> None:
    environment(changes)


@pytest.mark.parametrize(("changes", "field", "allowed"), REFUSED, ids=str)
def test_invalid_values_are_refused_with_field_and_allowed_values(changes: Data, field: str, allowed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment(changes)
    # A wrong host leaves too few hosts, which pydantic reports too.
    problem = raised.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == field
    assert problem["input"] == _at(changed(changes), field)
    assert allowed in problem["msg"]


def _at(data: Data, path: str) -> Any:  # noqa: ANN401 any setting
    value: Any = data
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, tuple) else value[step]
    return value


# Rules between values of one object: the message names both fields.
@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        (
            {"web.autoscaling": {"minimum": 3, "maximum": 2}},
            "web.autoscaling",
            "minimum 3 is more than maximum 2; allowed: minimum <= maximum",
        ),
        (
            {"web.autoscaling": {"minimum": 2, "maximum": 3}},
            "web",
            "replicas 1 differs from autoscaling.minimum 2; allowed: the same number",
        ),
        (
            {"core_api.minimum_available": 1},
            "core_api",
            "minimum_available 1 is not below the smallest replica count 1",
        ),
        (
            {"web.resources": {**RESOURCES, "cpu_request": "201m"}},
            "web.resources",
            "cpu_request 201m is more than cpu_limit 200m; allowed: request <= limit",
        ),
        (
            {"web.resources": {**RESOURCES, "memory_request": "1Gi"}},
            "web.resources",
            "memory_request 1Gi is more than memory_limit 64Mi; allowed: request <= limit",
        ),
        (
            {"web.resources": {**RESOURCES, "ephemeral_storage_request": "2Gi"}},
            "web.resources",
            "ephemeral_storage_request 2Gi is more than ephemeral_storage_limit 1Gi; allowed: request <= limit",
        ),
        (
            {"name": "bootstrap"},
            "",
            "name 'bootstrap' is the stack that creates state buckets and delivery roles (docs/bootstrap.md)",
        ),
        (
            {"protected": True, "core_api.image.tag": "develop"},
            "",
            "core_api.image.tag 'develop' can be moved to another build; allowed in a protected environment: "
            "prod-COMMIT, staging-COMMIT or COMMIT (7 to 40 hex digits), a release such as v1.2.3, or a digest",
        ),
        (
            {"protected": True, "web.image.tag": "prod-80d2e0"},
            "",
            "web.image.tag 'prod-80d2e0' can be moved to another build",
        ),
        (
            {"protected": True, "web.image.tag": "feature-80d2e05"},
            "",
            "web.image.tag 'feature-80d2e05' can be moved to another build",
        ),
    ],
)
def test_contradicting_values_are_refused(changes: Data, where: str, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment(changes)
    (problem,) = raised.value.errors()
    assert ".".join(map(str, problem["loc"])) == where
    assert message in problem["msg"]


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "stage",
        "web",
        "web.image",
        "web.hosts",
        "web.replicas",
        "web.ingress_order",
        "core_api",
        "core_api.image",
        "session",
        "session.cookie_name",
        "backups",
        "backups.expire_after",
        "quota",
        "quota.cpu_requests",
        "quota.memory_requests",
        "quota.ephemeral_storage_requests",
        "quota.cpu_limits",
        "quota.memory_limits",
        "quota.ephemeral_storage_limits",
        "quota.pods",
    ],
)
def test_settings_without_a_sensible_default_are_required(field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({field: REMOVED})
    (problem,) = raised.value.errors()
    assert (".".join(map(str, problem["loc"])), problem["msg"]) == (field, "Field required")


@pytest.mark.parametrize(
    "field",
    ["replicas", "web.replica", "web.resources.cpu", "database.owner", "session.secret", "media.days", "quota.gpu"],
)
def test_an_unknown_key_is_refused(field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({"web.resources": dict(RESOURCES), field: "1"})
    (problem,) = raised.value.errors()
    assert (".".join(map(str, problem["loc"])), problem["type"]) == (field, "extra_forbidden")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("web.replicas", "1"),
        ("web.replicas", 1.0),
        ("protected", "yes"),
        ("adopt", 1),
        ("name", 1),
        ("quota.cpu_limits", 8),
    ],
)
def test_a_value_of_another_type_is_refused_not_converted(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({field: value})
    (problem,) = raised.value.errors()
    assert ".".join(map(str, problem["loc"])) == field
    assert "should be a valid" in problem["msg"]


def test_settings_cannot_be_changed() -> None:
    settings = environment()
    with pytest.raises(ValidationError, match="Instance is frozen"):
        settings.web.replicas = 2  # type: ignore[misc]


def test_defaults_suit_a_small_unprotected_environment() -> None:
    settings = environment()
    assert not settings.protected
    assert not settings.adopt
    assert settings.log_level == "info"
    assert settings.web.autoscaling is None
    assert settings.web.minimum_available is None
    assert settings.database.extensions == ()
    # Figures from the applications.
    assert (settings.media.infrequent_access_after, settings.media.old_versions_expire_after) == (90, 30)
    assert settings.backups.old_versions_expire_after == 30


def test_hosts_cover_both_applications() -> None:
    assert environment().hosts == ("test.mosaiclife.me", "test-api.mosaiclife.me")


def test_the_largest_replica_count_is_the_autoscalers() -> None:
    assert environment().web.largest_replica_count == 1
    assert environment({"web.autoscaling": {"minimum": 1, "maximum": 7}}).web.largest_replica_count == 7


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("account", "33691785857", "^[0-9]{12}$"),
        ("region", "virginia", "^[a-z]{2}(-[a-z]+)+-[0-9]$"),
        ("domain", "mosaiclife", "two or more labels"),
        ("vpc_cidr", "10.20.0.1/16", "has host bits set); allowed: its first address and a prefix"),
        ("vpc_cidr", "the whole network", "allowed: its first address and a prefix, such as 10.0.0.0/16"),
        ("https_in_vpc", ("10.21.0.0/24",), "allowed: networks within 10.20.0.0/16 (vpc_cidr), but not all of it"),
        ("https_in_vpc", ("10.20.0.0/16",), "'10.20.0.0/16' is not part of the VPC"),
        ("https_in_vpc", ("10.0.0.0/8",), "allowed: networks within 10.20.0.0/16"),
        ("cookie_domain", "mosaiclife.me", "a dot and a host name"),
        ("cookie_domain", ".me", "two or more labels"),
        ("image_registry", "https://registry.example.org", "two or more labels"),
        ("node_platform", "windows/amd64", "^linux/(amd64|arm64)$"),
        ("project", "Mosaic", "a-z first"),
        ("soak_minutes", -1, "greater than or equal to 0"),
        ("soak_minutes", 10_081, "less than or equal to 10080"),
        ("soak_minutes", "60", "should be a valid integer"),
        ("cluster", None, "should be a valid string"),
    ],
)
def test_shared_settings_are_checked_too(field: str, value: object, allowed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Shared.model_validate({**SHARED.model_dump(), field: value})
    (problem,) = raised.value.errors()
    assert (problem["loc"], problem["input"]) == ((field,), value)
    assert allowed in problem["msg"]


@pytest.mark.parametrize("minutes", [0, 60, 10_080])
def test_a_soak_time_is_at_most_a_week(minutes: int) -> None:
    assert Shared.model_validate({**SHARED.model_dump(), "soak_minutes": minutes}).soak_minutes == minutes


def test_https_in_the_vpc_must_be_within_it() -> None:
    networks = ("10.20.9.7/32", "10.20.10.0/24")
    assert Shared.model_validate({**SHARED.model_dump(), "https_in_vpc": networks}).https_in_vpc == networks


@pytest.mark.parametrize(("account", "primary"), [("built", "mosaiclife.me"), ("designed", "*.mosaiclife.me")])
def test_each_accounts_certificate_has_the_domain_and_its_wildcard(account: str, primary: str) -> None:
    shared = settings_of(account).shared
    assert shared.certificate.domain == primary
    assert shared.certificate_names == ("mosaiclife.me", "*.mosaiclife.me")


@pytest.mark.parametrize(
    "changes",
    [
        {"delivery": "argocd"},
        {"delivery": "argocd", "paused": True},
        {"alb": "own", "paused": True},
        {"web.image": {"digest": DIGEST}},
        {"delivery": "argocd", "web.image.digest": DIGEST},
    ],
)
def test_a_working_delivery_is_accepted(changes: Data) -> None:
    environment(changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"delivery": "argocd", "web.image": {"digest": DIGEST}},
            f"web.image.digest {DIGEST!r} has no tag, and the chart joins image and tag by a colon; "
            'allowed with delivery="argocd": a tag, or a tag and a digest',
        ),
        (
            {"adopt": ("argocd-application",)},
            "adopt ('argocd-application',) with delivery=\"terraform\": the stack has no Application; "
            'allowed: "argocd-application" with delivery="argocd"',
        ),
        (
            {"adopt": ("media",), "dropped_permissions": ("ses:SendEmail",)},
            "dropped_permissions ('ses:SendEmail',) with adopt ('media',): no role is adopted that could lose them; "
            'allowed: with "core-api-role", or none',
        ),
        ({"delivery": "flux"}, "Input should be 'terraform' or 'argocd'"),
        ({"alb": "none"}, "Input should be 'shared' or 'own'"),
    ],
)
def test_an_impossible_delivery_is_refused(changes: Data, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment(changes)
    (error,) = raised.value.errors()
    assert error["msg"].removeprefix("Value error, ") == message
