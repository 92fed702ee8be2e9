"""The local Route 53 deletes and recreates a DNS record, and refuses to create an existing one."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.clients import AwsClients

NAMES = ("a", "b")


@pytest.fixture
def zone(aws: AwsClients) -> Iterator[str]:
    made = str(aws.route53.create_hosted_zone(Name="dns-changes.example.", CallerReference="test")["HostedZone"]["Id"])
    yield made
    change(aws, made, "DELETE", *there(aws, made))
    aws.route53.delete_hosted_zone(Id=made)


def change(aws: AwsClients, zone: str, action: str, *names: str) -> None:
    changes: list[Any] = [
        {
            "Action": action,
            "ResourceRecordSet": {
                "Name": f"{name}.dns-changes.example",
                "Type": "TXT",
                "TTL": 60,
                "ResourceRecords": [{"Value": '"text"'}],
            },
        }
        for name in names
    ]
    if changes:
        aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def there(aws: AwsClients, zone: str) -> list[str]:
    records = aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [record["Name"].partition(".")[0] for record in records if record["Type"] == "TXT"]


def test_a_record_is_deleted_and_created_again(aws: AwsClients, zone: str) -> None:
    """Another record remains in the zone; because of it, moto alone would refuse the creation."""
    change(aws, zone, "CREATE", *NAMES)
    for _ in range(2):
        change(aws, zone, "DELETE", "a")
        assert there(aws, zone) == ["b"]
        change(aws, zone, "CREATE", "a")
        assert there(aws, zone) == [*NAMES]


def test_a_record_that_exists_is_not_created_again(aws: AwsClients, zone: str) -> None:
    change(aws, zone, "CREATE", *NAMES)
    with pytest.raises(aws.route53.exceptions.InvalidChangeBatch):
        change(aws, zone, "CREATE", "a")
    assert there(aws, zone) == [*NAMES]
