"""What Terraform is asked to import, and that importing deletes nothing with data."""

import json

from delivery.recovery.importing import configuration, removals
from delivery.recovery.inventory import Inventory
from delivery.recovery.search import Found
from delivery.recovery.table import DATA, FINDERS, PUT
from tests.conftest import ENVIRONMENTS
from tests.synth.template import Template


def test_every_type_of_every_stack_can_be_recovered(templates: dict[str, Template]) -> None:
    types = {type_ for name in ENVIRONMENTS for type_ in templates[name].document["resource"]}
    assert types
    assert types - FINDERS.keys() - PUT == set()


def test_every_type_with_data_can_be_found_again() -> None:
    assert DATA
    assert FINDERS.keys() >= DATA


def test_an_import_names_the_address_and_the_id() -> None:
    inventory = Inventory(
        steps=(),
        imports={"aws_s3_bucket.media": Found(id="b", name="bucket b")},
        forgotten=(),
        restored=(),
        failed_jobs=(),
        untainted=(),
    )
    assert configuration(inventory) == {"import": [{"to": "aws_s3_bucket.media", "id": "b"}]}


def test_only_the_removal_of_data_is_reported() -> None:
    def line(action: str, type_: str) -> str:
        resource = {"addr": f"{type_}.it", "resource_type": type_}
        return json.dumps({"type": "planned_change", "change": {"action": action, "resource": resource}})

    planned = [
        "not JSON",
        json.dumps({"type": "version"}),
        line("create", "aws_s3_bucket"),
        line("replace", "aws_s3_bucket"),
        line("delete", "postgresql_database"),
        line("replace", "kubernetes_job_v1"),
    ]
    assert removals("\n".join(planned)) == ["aws_s3_bucket.it", "postgresql_database.it"]
