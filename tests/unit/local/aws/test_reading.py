"""Which requests to the local AWS are read-only; its state is saved after all others."""

import pytest

from local.aws.server.reading import only_reads

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize("action", ["DescribeSecurityGroups", "GetRole", "ListRoles"])
def test_a_query_protocol_read_is_read_only(action: str) -> None:
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": FORM}
    assert only_reads(environ, f"Version=1&Action={action}&RoleName=a".encode(), "iam")


@pytest.mark.parametrize(("service", "action"), [("iam", "CreateRole"), ("sts", "GetSessionToken"), ("iam", "")])
def test_a_creating_request_is_not_read_only(service: str, action: str) -> None:
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": FORM}
    assert not only_reads(environ, f"RoleName=List&Action={action}".encode(), service)


@pytest.mark.parametrize(("action", "reads"), [("GetSecretValue", True), ("PutSecretValue", False)])
def test_the_json_protocols_action_is_read_from_a_header(action: str, reads: bool) -> None:  # noqa: FBT001
    environ = {"REQUEST_METHOD": "POST", "HTTP_X_AMZ_TARGET": f"secretsmanager.{action}"}
    assert only_reads(environ, b'{"Action": "List"}', "secretsmanager") is reads


@pytest.mark.parametrize(("method", "reads"), [("GET", True), ("HEAD", True), ("PUT", False), ("DELETE", False)])
def test_the_rest_protocols_are_judged_by_method(method: str, reads: bool) -> None:  # noqa: FBT001
    assert only_reads({"REQUEST_METHOD": method}, b"", "s3") is reads
