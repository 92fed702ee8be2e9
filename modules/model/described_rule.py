"""A listener's rule as Elastic Load Balancing describes it, read as plain data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from modules.model.listener_rule import Condition, FixedResponse, Redirect, Rule

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ActionOutputTypeDef, RuleConditionOutputTypeDef, RuleTypeDef


def described_rule(row: "RuleTypeDef") -> Rule:
    """Return a rule from a row of DescribeRules."""
    # Other actions authenticate the user first; the last action decides.
    action = row["Actions"][-1]
    redirect = action.get("RedirectConfig") if action["Type"] == "redirect" else None
    fixed = action.get("FixedResponseConfig") if action["Type"] == "fixed-response" else None
    return Rule(
        arn=row["RuleArn"],
        priority=None if row["IsDefault"] else int(row["Priority"]),
        conditions=tuple(_condition(condition) for condition in row["Conditions"]),
        kind=action["Type"],
        target_groups=_target_groups(action) if action["Type"] == "forward" else (),
        redirect=Redirect(
            protocol=redirect.get("Protocol", "#{protocol}"),
            host=redirect.get("Host", "#{host}"),
            port=redirect.get("Port", "#{port}"),
            path=redirect.get("Path", "/#{path}"),
            query=redirect.get("Query", "#{query}"),
            status=redirect["StatusCode"],
        )
        if redirect
        else None,
        fixed=FixedResponse(
            status=int(fixed["StatusCode"]),
            content_type=fixed.get("ContentType", "text/plain"),
            body=fixed.get("MessageBody", ""),
        )
        if fixed
        else None,
    )


def _target_groups(action: "ActionOutputTypeDef") -> tuple[str, ...]:
    listed = [row["TargetGroupArn"] for row in action.get("ForwardConfig", {}).get("TargetGroups", [])]
    single = [action["TargetGroupArn"]] if "TargetGroupArn" in action else []
    return tuple(dict.fromkeys([*single, *listed]))


def _condition(row: "RuleConditionOutputTypeDef") -> Condition:
    """Keep values only for hosts and paths: nobody here could evaluate any other condition."""
    configuration: Mapping[str, list[str]] = row.get("HostHeaderConfig") or row.get("PathPatternConfig") or {}  # type: ignore[assignment]
    # The API repeats the values if it can; if they were given only in this form, it returns them alone.
    values = dict.fromkeys([*configuration.get("Values", []), *row.get("Values", [])])
    return Condition(field=row["Field"], values=tuple(values), regexes=tuple(configuration.get("RegexValues", [])))
