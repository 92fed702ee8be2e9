"""Checks that the load balancer's targets are exactly the environment's ready pods, all healthy."""

from collections.abc import Iterable, Iterator
from functools import partial

from lightkube.resources.core_v1 import Pod

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.account.target_group import Target as Registered
from delivery.account.target_group import target_groups, targets
from delivery.verification.check import Check
from delivery.verification.ingress.load_balancer import own_groups, patiently
from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from modules.model.tags import selector_labels


def checks(target: Target) -> Iterator[Check]:
    """Check the targets of each application."""
    if target.environment.paused:
        return
    namespace = target.names.namespace
    for application in (WEB, CORE_API):
        yield Check(
            name=f"targets {application.name}",
            run=patiently(target, partial(_targets, target, application)),
            expected=f"each ready pod of {application.name}, healthy, and nothing else",
            look=f"aws elbv2 describe-target-health; kubectl -n {namespace} describe targetgroupbindings",
            waits=True,
        )


def _targets(target: Target, application: Application) -> str:
    own = own_groups(target, target_groups(target.elbv2, target.shared.cluster).values(), application)
    if len(own) != 1:
        names = ", ".join(group.name for group in own) or "none yet"
        raise CheckError(f"its target groups are {names}")
    pods = target.namespace.read_all(Pod, selector_labels(application, target.names.instance))
    registered = targets(target.elbv2, own[0])
    problems = target_problems(registered, pods, port=application.container_port)
    if problems:
        raise CheckError(", ".join(problems))
    # moto reports every registered target as healthy.
    said = "; on the local cloud, targets are always reported as healthy" if target.local else ""
    return f"{len(registered)} of {len(registered)} pods in {own[0].name}, healthy{said}"


def target_problems(registered: Iterable[Registered], pods: Iterable[Manifest], *, port: int) -> list[str]:
    """How a target group's targets differ from the ready pods among these on this port, all of them healthy."""
    ready = {
        pod["status"]["podIP"]: pod["metadata"]["name"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"] and _is_ready(pod)
    }
    there = {it.address: it for it in registered}
    problems = [] if ready else ["no pod is ready"]
    problems += [
        f"pod {name} at {address} is not registered yet" for address, name in ready.items() if address not in there
    ]
    for address, it in there.items():
        if address not in ready:
            problems.append(f"{address} is registered, but no ready pod has that address")
        elif it.port != port:
            problems.append(f"{address} is registered with port {it.port}, not {port}")
        elif it.state != "healthy":
            problems.append(f"{address} is {it.state}{f' ({it.reason})' if it.reason else ''}")
    return problems


def _is_ready(pod: Manifest) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
