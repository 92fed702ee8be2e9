"""The checks of the load balancer's listeners."""

import pytest

from delivery.account.error import CheckError
from delivery.account.load_balancer import Listener, listeners, load_balancers
from delivery.verification.ingress.listeners import checks, listener_problems
from tests.delivery.conftest import Account
from tests.delivery.controllers_part import ControllersPart
from tests.delivery.verification.ingress.outcome import outcome

HOSTS = ("stage.mosaiclife.me", "stage-api.mosaiclife.me")


def found(part: ControllersPart) -> list[Listener]:
    (balancer,) = load_balancers(part.target.elbv2, part.target.shared.cluster)
    return listeners(part.target.elbv2, balancer)


def problems(part: ControllersPart, *certificates: str) -> list[str]:
    return listener_problems(found(part), hosts=HOSTS, certificates={*certificates})


def test_a_redirect_and_the_certificate_are_accepted(account: Account) -> None:
    part = account()
    balancer, certificate = part.load_balancer(), part.certificate(*HOSTS)
    part.http(balancer)
    part.https(balancer, certificate)
    assert problems(part, certificate) == []


def test_a_certificate_next_to_the_default_one_is_accepted(account: Account) -> None:
    part = account()
    balancer, certificate = part.load_balancer(), part.certificate(*HOSTS)
    part.http(balancer)
    listener = part.https(balancer, part.certificate("other.example"))
    part.target.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": certificate}])
    assert problems(part, certificate) == []


def test_a_certificate_missing_from_the_listener_is_reported(account: Account) -> None:
    part = account()
    balancer, certificate = part.load_balancer(), part.certificate("other.example")
    part.http(balancer)
    part.https(balancer, certificate)
    assert problems(part, "arn:mine") == [f"the HTTPS listener has {certificate}, not arn:mine"]


@pytest.mark.parametrize(
    ("redirect", "said"),
    [
        ({"Protocol": "#{protocol}"}, "a redirect to #{protocol}://#{host}:443/#{path}?#{query}"),
        ({"Port": "8443"}, "a redirect to https://#{host}:8443/#{path}?#{query}"),
        ({"Host": "example.com"}, "a redirect to https://example.com:443/#{path}?#{query}"),
        ({"Path": "/"}, "a redirect to https://#{host}:443/?#{query}"),
        ({"Query": "x"}, "a redirect to https://#{host}:443/#{path}?x"),
    ],
)
def test_a_redirect_to_somewhere_else_is_reported(account: Account, redirect: dict[str, str], said: str) -> None:
    part = account()
    balancer = part.load_balancer()
    part.http(balancer, redirect)
    part.https(balancer, part.certificate(*HOSTS))
    assert problems(part) == [
        f"http://{host} is answered by the default rule (every host) with {said}" for host in HOSTS
    ]


def test_a_rule_that_answers_a_host_without_tls_is_reported(account: Account) -> None:
    part = account()
    balancer = part.load_balancer()
    listener = part.http(balancer)
    part.https(balancer, part.certificate(*HOSTS))
    part.rule(listener, 1, part.target_group("others", "mosaic-prod/web-web:80"), hosts=["stag?.mosaiclife.me"])
    part.rule(listener, 2, hosts=["other.mosaiclife.me"])
    assert problems(part) == ["http://stage.mosaiclife.me is answered by rule 1 (stag?.mosaiclife.me) with forward"]


def test_a_listener_that_does_not_exist_yet_is_reported(account: Account) -> None:
    part = account()
    balancer = part.load_balancer()
    with pytest.raises(CheckError, match="there is no listener of HTTPS on port 443 yet"):
        problems(part)
    part.https(balancer, part.certificate(*HOSTS))
    with pytest.raises(CheckError, match="there is no listener of HTTP on port 80 yet"):
        problems(part)


@pytest.mark.parametrize(
    ("environment", "policy", "said"),
    [
        (
            {},
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "right: ELBSecurityPolicy-TLS13-1-2-2021-06: TLSv1.2, TLSv1.3",
        ),
        (
            {},
            "ELBSecurityPolicy-2016-08",
            "caution: ELBSecurityPolicy-2016-08 of shared admits TLSv1, TLSv1.1; its owner can set another one, with "
            "--default-ssl-policy of the controller or sslPolicy in IngressClassParams of alb",
        ),
        (
            {"alb": "own"},
            "ELBSecurityPolicy-TLS-1-1-2017-01",
            "ELBSecurityPolicy-TLS-1-1-2017-01 of own admits TLSv1.1",
        ),
    ],
)
def test_an_outdated_tls_policy_is_wrong_on_an_own_load_balancer_and_a_caution_on_the_shared_one(
    account: Account, environment: dict[str, str], policy: str, said: str
) -> None:
    part = account("prod", **environment)
    name, group = ("own", "mosaic-life-prod") if environment else ("shared", None)
    part.https(part.load_balancer(name, group=group), part.certificate("mosaiclife.me"), policy)
    assert outcome(checks, part.target, "tls policy") == said


def test_a_paused_environment_needs_no_listener(account: Account) -> None:
    assert list(checks(account(paused=True).target)) == []
