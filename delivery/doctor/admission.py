"""The admission policies that the bootstrap stack creates for this environment."""

from collections.abc import Iterator

from delivery.account.error import AbsentError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, note
from delivery.gitops.object_differences import object_differences
from environments.schema.settings import BOOTSTRAP
from modules.model.admission.kinds import KINDS
from modules.model.admission.parameters import admission_parameters
from modules.model.admission.policy import API_VERSION, BINDING, POLICY
from modules.model.admission.table import Admission
from modules.model.names import admission_namespace

_REMEDY = f"make {BOOTSTRAP}"


def facts(examination: Examination) -> Iterator[Fact]:
    """The policies with their bindings, and their parameters; parameters of other settings make a deploy fail."""
    yield Fact(name="admission policies", settings=f"from {BOOTSTRAP}", read=lambda: _policies(examination))
    yield Fact(
        name="admission parameters", settings="as the settings say", read=lambda: _parameters(examination), quick=True
    )


def _policies(examination: Examination) -> Finding:
    target = examination.target
    admission = Admission.of([target.environment], target.shared)
    policies = {binding.policy: admission.policies[binding.policy] for binding in admission.bindings}
    wanted = [policy.manifest(name, {}) for name, policy in policies.items()]
    wanted += [binding.manifest({}) for binding in admission.bindings]
    there = {kind: _there(examination, kind) for kind in (POLICY, BINDING)}
    for manifest in wanted:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        if name not in there[kind]:
            return note(f"there is no {kind} {name}: what it should refuse is admitted", _REMEDY)
        # The policy for deploy roles names every environment, so its specification is not compared.
        whole = kind == BINDING or policies[name].id != KINDS
        if whole and (differences := [*object_differences(there[kind][name], manifest["spec"], f"{kind} {name}")]):
            return note(f"{differences[0].partition(': expected ')[0]} differs", _REMEDY)
    return fine(f"{len(admission.bindings)} in force")


def _there(examination: Examination, kind: str) -> dict[str, object]:
    plural = {POLICY: "validatingadmissionpolicies", BINDING: "validatingadmissionpolicybindings"}[kind]
    items = examination.target.kubernetes_api.get(f"/apis/{API_VERSION}/{plural}")["items"]
    return {item["metadata"]["name"]: item["spec"] for item in items}


def _parameters(examination: Examination) -> Finding:
    target = examination.target
    place = f"/api/v1/namespaces/{admission_namespace(target.shared)}/configmaps/{target.names.namespace}"
    try:
        found = target.kubernetes_api.get(place).get("data", {})
    except AbsentError:
        return note("there are none", _REMEDY)
    wanted = admission_parameters(target.environment, target.shared)
    others = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key, "") != found.get(key, ""))
    if others:
        return in_the_way(f"{', '.join(others)}: as other settings say", _REMEDY)
    return fine("the same")
