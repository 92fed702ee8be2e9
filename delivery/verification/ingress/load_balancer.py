"""Checks that the environment's ingresses have a load balancer, or if it is paused, that nothing is left on one."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from delivery.account.error import CheckError
from delivery.account.load_balancer import LoadBalancer, load_balancers
from delivery.account.target import Target
from delivery.account.target_group import TargetGroup, target_groups
from delivery.verification.check import Caution, Check
from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from modules.model.names import load_balancer_group

_LOG = "the log of the AWS Load Balancer Controller"


def checks(target: Target) -> Iterator[Check]:
    """Check the load balancer, or for a paused environment that it has no target group."""
    group, namespace = load_balancer_group(target.environment, target.shared), target.names.namespace
    if target.environment.paused:
        yield Check(
            name="paused load balancer",
            run=patiently(target, partial(_paused, target, group)),
            expected="no target group of its ingresses"
            + (f", and no load balancer of group {group}" if target.environment.alb == "own" else ""),
            look=f"kubectl -n {namespace} get targetgroupbindings; {_LOG}",
            waits=True,
        )
        return
    yield Check(
        name="load balancer",
        run=patiently(target, partial(_load_balancer, target, group)),
        expected=f"an active, internet-facing one for group {group}",
        look=f"{ingress_events(target)}; {_LOG}",
        waits=True,
    )


def ingress_events(target: Target) -> str:
    """Where to look: the controller's events about the environment's ingresses."""
    return f"kubectl -n {target.names.namespace} get events --field-selector involvedObject.kind=Ingress"


def balancer_of(target: Target, group: str) -> LoadBalancer:
    """The load balancer of an IngressGroup. Raises CheckError if there is none, or more than one."""
    found = [it for it in load_balancers(target.elbv2, target.shared.cluster) if it.group == group]
    if not found:
        raise CheckError(f"the controller has created none for group {group} yet")
    if len(found) > 1:
        raise CheckError(f"{', '.join(it.name for it in found)} all belong to group {group}")
    return found[0]


def patiently(target: Target, run: Callable[[], str | Caution]) -> Callable[[], str | Caution]:
    """Wrap a check: on the local cloud its "yet" messages add that a controller may still be starting."""

    def asked() -> str | Caution:
        try:
            return run()
        except CheckError as error:
            if target.local and " yet" in str(error):
                words = "its controller may not be started yet: python -m local finish waits for it"
                raise CheckError(f"{error} ({words})") from None
            raise

    return asked


def own_groups(target: Target, groups: Iterable[TargetGroup], application: Application) -> list[TargetGroup]:
    """The target groups that belong to this application's ingress."""
    return [group for group in groups if group.is_of(target.names.namespace, application.name, application.name)]


def _load_balancer(target: Target, group: str) -> str:
    balancer = balancer_of(target, group)
    if balancer.state != "active" or balancer.scheme != "internet-facing":
        raise CheckError(f"{balancer.name} is {balancer.state} and {balancer.scheme}")
    return f"{balancer.name}, active"


def _paused(target: Target, group: str) -> str:
    groups = target_groups(target.elbv2, target.shared.cluster).values()
    left = [
        f"target group {it.name} of {it.owner}"
        for application in (WEB, CORE_API)
        for it in own_groups(target, groups, application)
    ]
    if target.environment.alb == "own":
        left += [
            f"load balancer {it.name}"
            for it in load_balancers(target.elbv2, target.shared.cluster)
            if it.group == group
        ]
    if left:
        raise CheckError(f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} left")
    # ELB does not delete a target group that a rule forwards to.
    return "no target group, so no rule"
