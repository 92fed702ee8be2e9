"""Any number of load balancers, rules and target groups as plain data."""

from typing import Any

from delivery.account.load_balancer import Listener, LoadBalancer, listeners, load_balancers
from delivery.account.target_group import target_groups
from modules.model.listener_rule import Condition, FixedResponse, Redirect
from tests.delivery.conftest import Account
from tests.delivery.controllers_part import ControllersPart

CLUSTER = "mosaiclife-eks"
REDIRECT = Redirect(protocol="HTTPS", host="#{host}", port="443", path="/#{path}", query="#{query}", status="HTTP_301")


def balancer_of(part: ControllersPart) -> LoadBalancer:
    (balancer,) = load_balancers(part.target.elbv2, CLUSTER)
    return balancer


def listener_of(part: ControllersPart) -> Listener:
    (listener,) = listeners(part.target.elbv2, balancer_of(part))
    return listener


def test_the_clusters_load_balancers_are_found_among_more_than_one_tag_request_allows(
    account: Account,
) -> None:
    part = account()
    names = {f"balancer-{number}": f"group-{number}" for number in range(24)}
    for number, (name, group) in enumerate(names.items()):
        part.load_balancer(name, group=group, cluster=CLUSTER if number % 2 else "another")
    found = {balancer.name: balancer.group for balancer in load_balancers(part.target.elbv2, CLUSTER)}
    assert found == {name: group for number, (name, group) in enumerate(names.items()) if number % 2}


def test_a_load_balancer_is_described(account: Account) -> None:
    part = account()
    arn = part.load_balancer(internal=True)
    assert balancer_of(part) == LoadBalancer(
        arn=arn,
        name="shared",
        address=part.address(arn),
        group="mosaic-life-main",
        kind="application",
        scheme="internal",
        state="active",
        subnets=2,
    )


def test_every_target_group_of_the_cluster_is_found(account: Account) -> None:
    part = account()
    wanted = {part.target_group(f"group-{number}", f"mosaic-prod/web-{number}:80") for number in range(22)}
    part.target_group("theirs", "mosaic-prod/web-web:80", cluster="another")
    part.target.elbv2.create_target_group(Name="by-hand", Protocol="HTTP", Port=80, VpcId=part.vpc)
    assert set(target_groups(part.target.elbv2, CLUSTER)) == wanted


def test_rules_on_every_page_are_read_in_any_order(account: Account) -> None:
    part = account()
    https = part.https(part.load_balancer(), part.certificate("mosaiclife.me"))
    group = part.target_group("web", "mosaic-staging/web-web:80")
    for priority in range(60, 0, -1):
        part.rule(https, priority, group, hosts=[f"h{priority}.mosaiclife.me"])
    found = listener_of(part).rules
    assert {rule.priority for rule in found} == {None, *range(1, 61)}
    assert {rule.target_groups for rule in found if rule.priority} == {(group,)}


def test_a_redirect_and_a_fixed_response_have_no_target_group(account: Account) -> None:
    part = account()
    http = part.http(part.load_balancer())
    part.rule(http, 1, hosts=["mosaiclife.me"])
    by_priority = {rule.priority: rule for rule in listener_of(part).rules}
    assert (by_priority[None].kind, by_priority[None].redirect) == ("redirect", REDIRECT)
    assert (by_priority[1].kind, by_priority[1].redirect, by_priority[1].target_groups) == ("fixed-response", None, ())
    assert (by_priority[None].fixed, by_priority[1].fixed) == (
        None,
        FixedResponse(status=503, content_type="text/plain", body=""),
    )
    assert (listener_of(part).protocol, listener_of(part).tls_policy, listener_of(part).certificates) == (
        *("HTTP", None),
        (),
    )


def test_a_condition_is_read_in_both_api_forms(account: Account) -> None:
    part = account()
    https = part.https(part.load_balancer(), part.certificate("mosaiclife.me"))
    more: list[Any] = [
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}]}},
    ]
    part.rule(https, 1, hosts=["a.mosaiclife.me", "*.b.mosaiclife.me"], more=more)
    part.target.elbv2.create_rule(
        ListenerArn=https,
        Priority=2,
        Conditions=[{"Field": "host-header", "Values": ["c.mosaiclife.me"]}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )
    conditions = {rule.priority: rule.conditions for rule in listener_of(part).rules}
    assert conditions == {
        None: (),
        1: (
            Condition(field="host-header", values=("a.mosaiclife.me", "*.b.mosaiclife.me")),
            Condition(field="path-pattern", values=("/*",)),
            Condition(field="http-request-method"),
            Condition(field="query-string"),
        ),
        2: (Condition(field="host-header", values=("c.mosaiclife.me",)),),
    }


def test_the_default_certificate_comes_first(account: Account) -> None:
    part = account()
    default, other = part.certificate("a.example"), part.certificate("b.example")
    https = part.https(part.load_balancer(), default)
    part.target.elbv2.add_listener_certificates(ListenerArn=https, Certificates=[{"CertificateArn": other}])
    assert listener_of(part).certificates == (default, other)
