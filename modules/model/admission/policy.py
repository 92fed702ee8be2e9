"""A ValidatingAdmissionPolicy and its binding, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

API_VERSION = "admissionregistration.k8s.io/v1"
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
Manifest = dict[str, Any]

# Anyone who may change the policies may also do what the policies forbid. Every authorizer is asked: RBAC, and on EKS
# the access policies too.
IS_ADMINISTRATOR = (
    "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()"
)
HELP = "See docs/bootstrap.md; after a change of settings: make bootstrap"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Operations on resources of one API group that a policy judges; the core group is the empty string.

    scope: ``Namespaced``, ``Cluster`` or ``*``. A binding's namespace does not exclude objects without a namespace: a
    rule that matches them applies to all of them.
    """

    group: str
    resources: Sequence[str]
    operations: Sequence[str] = ("CREATE", "UPDATE")
    scope: str = "Namespaced"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is judged, and how.

    id: its name after the project's. says: its purpose, in a few words; shown if a message cannot be computed. rules:
    what is judged. validation: CEL that is true if the request is allowed. message: CEL for the message otherwise.
    variables: CEL by name; each may use those before it. only: CEL by name; if one is false, nothing is judged.
    has_parameters: it reads the parameters of the environment that it is bound to.
    """

    id: str
    says: str
    rules: Sequence[Rule]
    validation: str
    message: str
    variables: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    has_parameters: bool = True

    def manifest(self, name: str, labels: Mapping[str, str]) -> Manifest:
        """The policy under this name, with the API's defaults written out: Terraform would see them as a change."""
        parameters = {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}} if self.has_parameters else {}
        conditions = [{"name": key, "expression": value} for key, value in self.only.items()]
        return {
            "apiVersion": API_VERSION,
            "kind": POLICY,
            "metadata": {"name": name, "labels": dict(labels)},
            "spec": {
                "failurePolicy": "Fail",
                **parameters,
                "matchConstraints": {
                    "matchPolicy": "Equivalent",
                    "namespaceSelector": {},
                    "objectSelector": {},
                    "resourceRules": [
                        {
                            "apiGroups": [rule.group],
                            "apiVersions": ["*"],
                            "operations": list(rule.operations),
                            "resources": list(rule.resources),
                            "scope": rule.scope,
                        }
                        for rule in self.rules
                    ],
                },
                **({"matchConditions": conditions} if conditions else {}),
                **(
                    {"variables": [{"name": key, "expression": value} for key, value in self.variables.items()]}
                    if self.variables
                    else {}
                ),
                "validations": [
                    {
                        "expression": self.validation,
                        "message": self.says,
                        "messageExpression": self.message,
                        "reason": "Forbidden",
                    }
                ],
            },
        }


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Puts a policy into effect.

    name: its own. policy: the name of the bound policy. environment: its environment; None for all. namespace: the only
    one in which it applies; everywhere by default. parameters: namespace and name of the ConfigMap that the policy
    reads; if it is missing, nothing is allowed.
    """

    name: str
    policy: str
    environment: str | None = None
    namespace: str | None = None
    parameters: tuple[str, str] | None = None

    def manifest(self, labels: Mapping[str, str]) -> Manifest:
        """The binding, with the API's defaults written out."""
        chosen = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}} if self.namespace else {}
        spec: Manifest = {
            "policyName": self.policy,
            "validationActions": ["Deny"],
            "matchResources": {"matchPolicy": "Equivalent", "namespaceSelector": chosen, "objectSelector": {}},
        }
        if self.parameters:
            namespace, name = self.parameters
            spec["paramRef"] = {"name": name, "namespace": namespace, "parameterNotFoundAction": "Deny"}
        return {
            "apiVersion": API_VERSION,
            "kind": BINDING,
            "metadata": {"name": self.name, "labels": dict(labels)},
            "spec": spec,
        }


def judging(problems: Sequence[str], *, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The variables, validation and message of a policy that refuses each problem that a write adds.

    problems: CEL, each a list of texts about the object ``it`` that name what was given and what is allowed. A problem
    that already existed may stay: scaling, labelling or finalizing an object older than the policy makes nothing worse.
    more: variables that the problems use.
    """
    found = "\n+ ".join(problems)
    return {
        "variables": {
            **(more or {}),
            "found": f"[object].map(it,\n{found}\n)[0]",
            "known": f"request.operation != 'UPDATE' ? [] : [oldObject].map(it,\n{found}\n)[0]",
            "added": "variables.found.filter(problem, !(problem in variables.known))",
        },
        "validation": "variables.added.size() == 0",
        "message": f"variables.added.join('; ') + '. {HELP}'",
    }
