"""What the load balancer controller and external-dns have created in a project's account."""

from delivery.account.dns import records, zones
from delivery.account.load_balancer import listeners, load_balancers
from delivery.account.target_group import target_groups
from modules.model.listener_rule import Rule
from tests.account import SHARED
from tests.live.project import Project


def rules_of(project: Project, group: str) -> list[Rule]:
    """Return the rules of a group's HTTPS listener, without the default rule, in the order of evaluation."""
    elbv2 = project.client("elbv2")
    (balancer,) = (it for it in load_balancers(elbv2, SHARED.cluster) if it.group == group)
    (https,) = (it for it in listeners(elbv2, balancer) if it.protocol == "HTTPS")
    ranked = {rule.priority: rule for rule in https.rules if rule.priority is not None}
    return [ranked[priority] for priority in sorted(ranked)]


def target_group_owners(project: Project) -> set[str]:
    """Return NAMESPACE/INGRESS-SERVICE:PORT of each target group."""
    return {it.owner for it in target_groups(project.client("elbv2"), SHARED.cluster).values()}


def record_names(project: Project) -> set[str]:
    """Return the name of every DNS record in the account's public zones."""
    route53 = project.client("route53")
    return {record.name for zone in zones(route53) for record in records(route53, zone)}
