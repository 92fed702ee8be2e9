"""From the same settings, both deliveries make the same objects, down to the last field."""

from pathlib import Path

import pytest
import yaml

from delivery.gitops.chart import chart_differences, stack_objects
from delivery.gitops.helm import Manifest, render
from delivery.gitops.kubernetes_form import opaque, workloads
from delivery.gitops.repository import files
from environments.schema.settings import Environment
from modules.model.application_objects import application_objects
from modules.model.helm_values import OF_ACCOUNT, OF_ENVIRONMENT
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.model.selected_settings import SETTINGS, SHARED
from tests.helm import CHART, merged
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Body, Template
from tests.unit.environments.example import environment

_CHANGED = environment(
    {
        # A YAML 1.2 parser reads this as a number: infinity.
        "web.image.tag": "12e4567",
        "core_api.image": {"tag": "develop", "digest": f"sha256:{'0' * 64}"},
        "alb": "own",
        "capabilities": ("ses", "neptune", "litellm", "litellm-key", "metrics", "bedrock"),
        "parameters": {"ses_from_email": "noreply@mosaiclife.me", "neptune_cluster": "cluster-ABC"},
        "core_api.resources": {
            "cpu_request": "1",
            "memory_request": "64Mi",
            "ephemeral_storage_request": "1Mi",
            "cpu_limit": "2",
            "memory_limit": "1Gi",
            "ephemeral_storage_limit": "2Mi",
        },
        "web.replicas": 2,
        "web.minimum_available": 1,
        "web.autoscaling": {"minimum": 2, "maximum": 3, "cpu_percent": 50, "memory_percent": 60},
        "quota.cpu_limits": "20",
        "quota.memory_limits": "20Gi",
        "quota.memory_requests": "20Gi",
        "quota.cpu_requests": "20",
    }
)
ENVIRONMENTS = {
    **{item.name: item for item in SETTINGS.load()},
    "changed": _CHANGED,
    "paused": _CHANGED.model_copy(update={"paused": True}),
}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def settings(request: pytest.FixtureRequest) -> Environment:
    return ENVIRONMENTS[str(request.param)]


@pytest.fixture(scope="module")
def by_terraform(settings: Environment, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(settings, "terraform", tmp_path_factory)


@pytest.fixture(scope="module")
def by_argocd(settings: Environment, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(settings, "argocd", tmp_path_factory)


def _synthesize(settings: Environment, delivery: str, folders: pytest.TempPathFactory) -> Template:
    return synthesize_settings(folders.mktemp(delivery), settings.model_copy(update={"delivery": delivery}))


@pytest.fixture(scope="module")
def application(by_argocd: Template) -> Body:
    body: Body = by_argocd.resolve(by_argocd.one("kubernetes_manifest", "argocd_application")["manifest"])
    helm = _helm(body)
    helm["values"] = opaque(helm["values"])
    return body


def _helm(application: Body) -> Body:
    """The chart values in the Application."""
    (helm,) = (source["helm"] for source in application["spec"]["sources"] if "helm" in source)
    found: Body = helm
    return found


@pytest.fixture(scope="module")
def rendered(
    helm: Path, settings: Environment, application: Body, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Manifest]:
    objects = render(helm, tmp_path_factory.mktemp("values"), application, files(settings, SHARED), chart=CHART)
    named = {(item["kind"], item["metadata"]["name"]): item for item in objects}
    assert len(named) == len(objects)
    return named


def test_both_deliveries_make_the_same_objects(
    settings: Environment, by_terraform: Template, rendered: dict[tuple[str, str], Manifest]
) -> None:
    expected = stack_objects(by_terraform, settings, SHARED)
    assert expected
    if settings.paused:
        # Terraform leaves out what the chart keeps at zero (modules/kubernetes/application.py).
        assert {kind for kind, _ in expected} == {"ExternalSecret", "Job", "Service", "ServiceAccount"}
        assert {"web", "core-api"} == {name for kind, name in rendered.keys() - expected.keys() if kind == "Deployment"}
    assert not list(chart_differences(list(rendered.values()), expected, paused=settings.paused))


def test_argo_cd_applies_what_pods_need_before_the_pods(rendered: dict[tuple[str, str], Manifest]) -> None:
    needed = {"ExternalSecret", "ServiceAccount"}
    order = [kind for kind, _ in rendered]
    migration = order.index("Job")
    assert set(order[:migration]) == needed
    assert not needed & set(order[migration:])


def test_every_required_value_is_set(settings: Environment, application: Body) -> None:
    texts = files(settings, SHARED)
    layers = [yaml.safe_load(texts[path]) for path in ("base/values.yaml", f"environments/{settings.name}/values.yaml")]
    assert OF_ENVIRONMENT in str(layers[0])
    assert OF_ENVIRONMENT not in str(merged(layers))
    assert OF_ACCOUNT in str(merged(layers))
    layers.append(yaml.safe_load(_helm(application)["values"]))
    assert "<required" not in str(merged(layers))


def test_an_environments_file_does_not_repeat_common_values(settings: Environment) -> None:
    texts = files(settings, SHARED)
    base = yaml.safe_load(texts["base/values.yaml"])
    own = yaml.safe_load(texts[f"environments/{settings.name}/values.yaml"])
    assert base
    assert own

    def repeated(one: Body, other: Body) -> list[str]:
        return [
            key
            for key, value in one.items()
            if (isinstance(value, dict) and isinstance(other.get(key), dict) and repeated(value, other[key]))
            or (not isinstance(value, dict) and key in other and other[key] == value)
        ]

    assert repeated(own, base) == []


def test_no_object_has_two_owners(by_terraform: Template, by_argocd: Template) -> None:
    assert workloads(by_terraform)
    assert workloads(by_argocd) == {}


def test_terraform_forgets_argo_cds_objects_without_destroying_them(
    by_terraform: Template, by_argocd: Template
) -> None:
    blocks = by_argocd.document["removed"]
    assert all(block["lifecycle"] == {"destroy": False} for block in blocks)
    forgotten = {block["from"] for block in blocks}
    changes_hands = by_terraform.bodies.keys() - by_argocd.bodies.keys()
    assert changes_hands
    assert changes_hands <= forgotten
    assert not forgotten & by_argocd.bodies.keys()
    assert by_argocd.bodies.keys() - by_terraform.bodies.keys() == {"kubernetes_manifest.argocd_application"}


@pytest.mark.parametrize("name", [name for name, settings in ENVIRONMENTS.items() if not settings.paused])
def test_every_transferred_object_has_its_import_id(tmp_path: Path, name: str) -> None:
    settings = ENVIRONMENTS[name].model_copy(update={"delivery": "terraform"})
    made = synthesize_settings(tmp_path / "made", settings)
    names = Names.of(settings, SHARED)
    known = application_objects(names, ApplicationSecrets.of(settings, SHARED, names))
    metadata = made.kubernetes
    expected = {
        address: f"apiVersion=external-secrets.io/v1,kind=ExternalSecret,namespace={names.namespace},name={of['name']}"
        if address.startswith("kubernetes_manifest.")
        else f"{names.namespace}/{of['name']}"
        for address in _changing_hands(made)
        for of in [metadata[address]]
    }
    assert expected
    assert {address: known[address] for address in expected} == expected


def _changing_hands(template: Template) -> list[str]:
    stays = ("namespace_v1", "network_policy_v1", "limit_range_v1", "resource_quota_v1")
    store = ("manifest.secret_store", "service_account_v1.secret_store_account")
    return [
        address
        for address in template.kubernetes
        if not (name := address.removeprefix("kubernetes_")).startswith(stays) and name not in store
    ]
