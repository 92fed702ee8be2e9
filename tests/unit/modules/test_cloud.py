"""Only the process's environment selects the cloud."""

import pytest

from modules.base.cloud import Cloud
from modules.model.cloud_selection import CloudError, local_front_door

LOOPBACK = "http://127.0.0.1:5000"


@pytest.mark.parametrize("variables", [{}, {"MOSAIC_CLOUD": "aws"}, {"MOSAIC_CLOUD": "aws", "AWS_ENDPOINT_URL": ""}])
def test_aws_is_the_default(variables: dict[str, str]) -> None:
    assert Cloud.from_variables(variables) == Cloud(endpoint=None)


@pytest.mark.parametrize("endpoint", [LOOPBACK, "http://localhost:1", "http://[::1]:5000", "https://127.0.0.1"])
def test_the_local_cloud_is_at_its_endpoint(endpoint: str) -> None:
    assert Cloud.from_variables({"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": endpoint}) == Cloud(endpoint=endpoint)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"AWS_ENDPOINT_URL": LOOPBACK},
            f"AWS_ENDPOINT_URL is '{LOOPBACK}' while MOSAIC_CLOUD is 'aws'; "
            "allowed: unset it for AWS, or MOSAIC_CLOUD=local for the local cloud",
        ),
        ({"MOSAIC_CLOUD": "azure"}, "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'"),
        ({"MOSAIC_CLOUD": ""}, "MOSAIC_CLOUD is ''; allowed: 'aws' (default) or 'local'"),
        ({"MOSAIC_CLOUD": "Local", "AWS_ENDPOINT_URL": LOOPBACK}, "MOSAIC_CLOUD is 'Local'; allowed: 'aws'"),
        ({"MOSAIC_CLOUD": "local"}, "MOSAIC_CLOUD is 'local' but AWS_ENDPOINT_URL is not set; start the local cloud"),
    ],
)
def test_an_invalid_cloud_is_refused(variables: dict[str, str], message: str) -> None:
    with pytest.raises(CloudError) as raised:
        Cloud.from_variables(variables)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://s3.us-east-1.amazonaws.com",
        "http://10.0.0.1:5000",
        "http://127.0.0.1.example.org",
        "http://localhost@example.org",
        "127.0.0.1:5000",
        "http://0.0.0.0:5000",
    ],
)
def test_the_local_cloud_must_be_on_the_loopback_interface(endpoint: str) -> None:
    with pytest.raises(CloudError) as raised:
        Cloud.from_variables({"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": endpoint})
    assert str(raised.value) == (
        f"AWS_ENDPOINT_URL is {endpoint!r} while MOSAIC_CLOUD is 'local'; allowed: a URL on 127.0.0.1, ::1, localhost"
    )


def test_the_front_door_is_at_the_local_clouds_address() -> None:
    variables = {"MOSAIC_LOCAL_FRONT_DOOR": "127.0.0.1:443", "MOSAIC_LOCAL_AUTHORITY": "/a.pem"}
    assert local_front_door(variables) == ("127.0.0.1", 443, "/a.pem")


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"MOSAIC_LOCAL_FRONT_DOOR": "127.0.0.1:443"},
        {"MOSAIC_LOCAL_FRONT_DOOR": "10.0.0.1:443", "MOSAIC_LOCAL_AUTHORITY": "/a.pem"},
        {"MOSAIC_LOCAL_FRONT_DOOR": "127.0.0.1", "MOSAIC_LOCAL_AUTHORITY": "/a.pem"},
    ],
)
def test_another_front_door_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(CloudError, match=r"^MOSAIC_LOCAL_FRONT_DOOR is .*; allowed: both from the local cloud: eval"):
        local_front_door(variables)
