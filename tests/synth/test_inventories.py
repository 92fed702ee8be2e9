"""The applications' figures: inventories/both.yaml for every environment, inventories/NAME.yaml for one."""

from pathlib import Path

import pytest
import yaml

from environments.schema.settings import Environment
from tests.synth.template import Body, Template, differences

FOLDER = Path(__file__).parent / "inventories"
OWN = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "both")


def _read(name: str) -> Body:
    inventory: Body = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return inventory


def _check_counts_and_values(template: Template, inventory: Body) -> None:
    assert inventory["counts"]
    assert inventory["values"]
    problems = [
        f"{kind}: expected {count}, found {template.count(kind)}"
        for kind, count in inventory["counts"].items()
        if template.count(kind) != count
    ]
    problems += differences(template.resolve(template.bodies), inventory["values"], "stack")
    assert not problems, "\n".join(problems)


def test_every_environment_has_the_common_figures(whole: Template, settings: Environment) -> None:
    inventory = _read("both")
    buckets = inventory["counts_of_buckets"]
    inventory["counts"] |= buckets if settings.slot is None else dict.fromkeys(buckets, 0)
    inventory["values"] |= inventory[f"values_with_{settings.alb}_load_balancer"]
    _check_counts_and_values(whole, inventory)


@pytest.fixture(params=OWN)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inventory(name: str) -> Body:
    return _read(name)


@pytest.fixture
def stack(templates: dict[str, Template], name: str) -> Template:
    return templates[name]


def test_staging_and_prod_have_an_inventory() -> None:
    assert {"staging", "prod"} <= set(OWN)


def test_an_environment_has_the_figures_of_its_inventory(stack: Template, inventory: Body) -> None:
    _check_counts_and_values(stack, inventory)


def test_the_outputs_match_the_inventory(stack: Template, inventory: Body) -> None:
    assert stack.outputs == inventory["outputs"]


def test_the_states_location_matches_the_inventory(stack: Template, inventory: Body) -> None:
    backend = stack.document["terraform"]["backend"]["s3"]
    assert {key: backend[key] for key in ("bucket", "key")} == inventory["state"]


def test_the_tags_match_the_inventory(stack: Template, inventory: Body) -> None:
    (provider,) = stack.document["provider"]["aws"]
    assert provider["default_tags"] == [{"tags": inventory["tags"]}]


def test_the_lifecycle_rules_match_the_inventory(stack: Template, inventory: Body) -> None:
    assert inventory["lifecycle_rules"]
    for bucket, expected in inventory["lifecycle_rules"].items():
        rules = stack.one("aws_s3_bucket_lifecycle_configuration", f"{bucket}_lifecycle")["rule"]
        assert all(rule["status"] == "Enabled" and rule["filter"] == [{"prefix": ""}] for rule in rules), bucket
        assert {
            rule["id"]: {key: value for key, value in rule.items() if key not in {"id", "status", "filter"}}
            for rule in rules
        } == expected, bucket


def test_the_annotations_match_the_inventory(stack: Template, inventory: Body) -> None:
    metadata = stack.kubernetes
    assert inventory["annotations"]
    assert {address: metadata[address].get("annotations", {}) for address in inventory["annotations"]} == inventory[
        "annotations"
    ]


def test_the_environment_variables_match_the_inventory(stack: Template, inventory: Body) -> None:
    assert inventory["environment_variables"]
    for address, expected in inventory["environment_variables"].items():
        (container,) = stack.bodies[address]["spec"]["template"]["spec"]["container"]
        names = [variable["name"] for variable in container["env"]]
        assert len(names) == len(set(names)), f"{address} names a variable twice: {names}"
        assert {
            variable["name"]: variable["value"] if "value" in variable else _required(variable["value_from"])
            for variable in stack.resolve(container["env"])
        } == expected, address


def _required(source: Body) -> Body:
    """The key of a Secret that a pod needs to start."""
    reference: Body = dict(source["secret_key_ref"])
    assert reference.pop("optional", False) is False
    return reference


def test_the_imports_match_the_inventory(stack: Template, inventory: Body) -> None:
    blocks = stack.document.get("import", [])
    assert {block["to"]: block["id"] for block in blocks} == inventory["imports"]
    assert len(blocks) == len(inventory["imports"])
