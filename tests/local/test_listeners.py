"""Each server listens only on loopback, and tells a stranger no more than docs/local-cloud.md says."""

import json
import ssl

import psutil
import psycopg
import pytest

from local.aws.clients import AwsClients
from local.kubernetes.control_plane import CONTROLLER_MANAGER, ETCD, KWOK, SCHEDULER
from local.kubernetes.external_dns import EXTERNAL_DNS
from local.kubernetes.external_secrets import EXTERNAL_SECRETS
from local.kubernetes.load_balancer_controller import LOAD_BALANCER_CONTROLLER
from local.kubernetes.migration_player.part import MIGRATION_PLAYER
from local.kubernetes.token_authenticator.part import TOKEN_AUTHENTICATOR
from local.runtime.ports import AWS, FRONT_DOOR, FRONT_DOOR_HTTP, HOST, KUBE_APISERVER, POSTGRESQL
from local.state import PARTS, Cloud
from modules.model.project import ROOT
from tests.local.loopback import request
from tests.local.secret_values import secret_values

DOCUMENT = ROOT / "docs" / "local-cloud.md"
ETCD_PEER = "etcd-peer"
WEBHOOKS = f"{LOAD_BALANCER_CONTROLLER}-webhook"
FURTHER = {ETCD: ETCD_PEER, LOAD_BALANCER_CONTROLLER: WEBHOOKS, FRONT_DOOR: FRONT_DOOR_HTTP}
# A stranger's HTTP request to each part, and the answer's status; None: the part refuses the connection itself.
ANSWERS = [
    (AWS, "http", "/", 403),
    (AWS, "http", "/moto-api/data.json", 403),
    (AWS, "http", "/moto-api/health", 200),
    (KUBE_APISERVER, "https", "/api/v1/secrets", 401),
    (KUBE_APISERVER, "https", "/metrics", 401),
    (KUBE_APISERVER, "https", "/readyz", 200),
    (ETCD, "https", "/readyz", None),
    (ETCD_PEER, "https", "/version", None),
    (CONTROLLER_MANAGER, "https", "/metrics", 403),
    (CONTROLLER_MANAGER, "https", "/healthz", 200),
    (SCHEDULER, "https", "/configz", 403),
    (SCHEDULER, "https", "/healthz", 200),
    (TOKEN_AUTHENTICATOR, "https", "/healthz", None),
    (KWOK, "http", "/exec/mosaic-prod/core-api/core-api", 405),
    (KWOK, "http", "/debug/pprof/", 405),
    (KWOK, "http", "/metrics", 200),
    (EXTERNAL_SECRETS, "http", "/debug/pprof/", 404),
    (EXTERNAL_SECRETS, "http", "/metrics", 200),
    (MIGRATION_PLAYER, "http", "/healthz", 200),
    (LOAD_BALANCER_CONTROLLER, "http", "/metrics", 404),
    (LOAD_BALANCER_CONTROLLER, "http", "/readyz", 200),
    (WEBHOOKS, "https", "/metrics", 404),
    (EXTERNAL_DNS, "http", "/debug/pprof/", 404),
    (EXTERNAL_DNS, "http", "/metrics", 200),
    (FRONT_DOOR_HTTP, "http", "/", 404),
    (FRONT_DOOR_HTTP, "http", "/healthz", 200),
]


@pytest.mark.parametrize(("part", "scheme", "path", "expected"), ANSWERS)
def test_a_stranger_gets_no_more_than_documented(
    cloud: Cloud, part: str, scheme: str, path: str, expected: int | None
) -> None:
    url = f"{scheme}://{HOST}:{cloud.ports[part]}{path}"
    if expected is not None:
        assert request(cloud, url)[0] == expected
        return
    with pytest.raises((ssl.SSLError, ConnectionResetError)) as refused:
        request(cloud, url)
    assert "certificate verify failed" not in str(refused.value)


@pytest.mark.parametrize("kind", ["TokenReview", "SubjectAccessReview"])
def test_the_token_authenticator_answers_only_the_api_server(cloud: Cloud, kind: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        request(
            cloud,
            f"https://{HOST}:{cloud.ports[TOKEN_AUTHENTICATOR]}/",
            method="POST",
            body=json.dumps({"kind": kind, "apiVersion": "v1", "spec": {"token": "k8s-aws-v1.", "user": "me"}}),
        )
    log = (cloud.state / "logs" / f"{TOKEN_AUTHENTICATOR}.log").read_text()
    assert "refused a connection: PEER_DID_NOT_RETURN_A_CERTIFICATE" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("part", [ETCD, ETCD_PEER, KUBE_APISERVER, TOKEN_AUTHENTICATOR])
def test_postgresqls_certificate_opens_nothing(cloud: Cloud, part: str) -> None:
    """PostgreSQL's own user holds its key."""
    url, pair = f"https://{HOST}:{cloud.ports[part]}/api/v1/secrets", cloud.certificates.server(POSTGRESQL)
    if part == KUBE_APISERVER:
        assert request(cloud, url, client=pair)[0] == 401
        return
    with pytest.raises((ssl.SSLError, ConnectionResetError)) as refused:
        request(cloud, url, client=pair)
    assert "certificate verify failed" not in str(refused.value)


@pytest.mark.parametrize("part", [ETCD, TOKEN_AUTHENTICATOR])
def test_the_api_servers_certificate_opens_what_it_calls(cloud: Cloud, part: str) -> None:
    """This proves that the refusals above depend on the certificate."""
    url = f"https://{HOST}:{cloud.ports[part]}/readyz"
    assert request(cloud, url, client=cloud.certificates.server(KUBE_APISERVER))[0] == 200


@pytest.mark.parametrize("mode", ["disable", "require"])
def test_postgresql_asks_for_tls_and_a_password(cloud: Cloud, mode: str) -> None:
    place = f"host={HOST} port={cloud.database_port} dbname=postgres sslmode={mode} passfile=/dev/null"
    for user in ("mosaicadmin", "rdsadmin"):
        with pytest.raises(psycopg.OperationalError, match=r"no password supplied|pg_hba\.conf"):
            psycopg.connect(place, user=user)


def test_public_answers_contain_no_secret(cloud: Cloud, aws: AwsClients) -> None:
    secrets = secret_values(cloud, aws)
    for part, scheme, path, expected in ANSWERS:
        if expected == 200:
            _, text = request(cloud, f"{scheme}://{HOST}:{cloud.ports[part]}{path}")
            assert [name for name, value in secrets.items() if value in text] == [], part


def test_every_part_listens_only_on_its_loopback_ports(cloud: Cloud) -> None:
    for part in PARTS:
        running = cloud.processes.find(part)
        assert running is not None
        process = psutil.Process(running.pid)
        sockets = {
            tuple(it.laddr)
            for each in (process, *process.children(recursive=True))
            for it in each.net_connections("tcp")
            if it.status == psutil.CONN_LISTEN
        }
        ports = {part, FURTHER.get(part, part)}
        assert sockets == {(HOST, cloud.ports[name]) for name in ports}, part


def test_the_document_says_who_may_call_each_part() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("## Who may ask\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    named = {name.strip() for row in rows[2:] for name in row.split(",")}
    assert named == {AWS, POSTGRESQL, ETCD_PEER, *PARTS}
