"""Pod Security: the API server refuses every pod that could reach beyond its container."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Pod

from tests.live.isolation.side import Side

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
RESTRICTED: Mapping[str, Any] = {
    "containers": [
        {
            "name": "probe",
            "image": "probe:1",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
    ]
}


def pod(side: Side, spec: Mapping[str, Any]) -> Pod:
    """A pod of an environment's namespace."""
    metadata = {"name": "isolation-probe", "namespace": side.names.namespace}
    return cast("Pod", Pod.from_dict({"metadata": metadata, "spec": deepcopy(dict(spec))}))


def answer(side: Side, spec: Mapping[str, Any]) -> str:
    """What the API server says of a pod like this, without making it."""
    try:
        side.project.kubernetes.create(pod(side, spec), dry_run=True)
    except ApiError as error:
        return str(error.status.message)
    return "admitted"


def with_pod(**parts: object) -> dict[str, Any]:
    return {**RESTRICTED, **parts}


def with_container(**parts: object) -> dict[str, Any]:
    (container,) = RESTRICTED["containers"]
    return with_pod(containers=[{**container, **parts}])


def with_security(**parts: object) -> dict[str, Any]:
    (container,) = RESTRICTED["containers"]
    context = {**container["securityContext"], **parts}
    return with_container(securityContext={name: part for name, part in context.items() if part is not None})


def test_a_restricted_pod_is_admitted(own: Side) -> None:
    assert answer(own, RESTRICTED) == "admitted"


# What the API server says of each is its own word for the rule:
# https://kubernetes.io/docs/concepts/security/pod-security-standards/
@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        pytest.param(with_pod(hostNetwork=True), "host namespaces", id="host network"),
        pytest.param(with_pod(hostPID=True), "host namespaces", id="host processes"),
        pytest.param(with_pod(hostIPC=True), "host namespaces", id="host IPC"),
        pytest.param(
            with_pod(volumes=[{"name": "host", "hostPath": {"path": "/"}}]), "restricted volume types", id="host path"
        ),
        pytest.param(
            with_pod(volumes=[{"name": "nfs", "nfs": {"server": "10.20.0.1", "path": "/"}}]),
            "restricted volume types",
            id="network volume",
        ),
        pytest.param(
            with_pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
            "forbidden sysctls",
            id="system control",
        ),
        pytest.param(
            with_pod(securityContext={"seLinuxOptions": {"type": "spc_t"}}), "seLinuxOptions", id="SELinux type"
        ),
        pytest.param(
            with_pod(securityContext={"appArmorProfile": {"type": "Unconfined"}}),
            "forbidden AppArmor profile",
            id="without AppArmor",
        ),
        pytest.param(with_container(ports=[{"containerPort": 80, "hostPort": 80}]), "hostPort", id="port of the host"),
        pytest.param(with_container(securityContext=None), "allowPrivilegeEscalation", id="nothing said"),
        pytest.param(
            with_security(privileged=True, allowPrivilegeEscalation=None), "privileged", id="privileged container"
        ),
        pytest.param(with_security(allowPrivilegeEscalation=True), "allowPrivilegeEscalation", id="more privileges"),
        pytest.param(
            with_security(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}), "capabilities", id="added capability"
        ),
        pytest.param(with_security(capabilities=None), "unrestricted capabilities", id="capabilities kept"),
        pytest.param(with_security(runAsNonRoot=False), "runAsNonRoot", id="may be root"),
        pytest.param(with_security(runAsUser=0), "runAsUser=0", id="is root"),
        pytest.param(with_security(seccompProfile={"type": "Unconfined"}), "seccompProfile", id="every system call"),
        pytest.param(with_security(seccompProfile=None), "seccompProfile", id="no word of system calls"),
        pytest.param(
            with_pod(initContainers=[{"name": "first", "image": "probe:1", "securityContext": {"privileged": True}}]),
            "privileged",
            id="privileged init container",
        ),
    ],
)
def test_a_pod_that_breaks_the_restricted_standard_is_refused(own: Side, spec: Mapping[str, Any], rule: str) -> None:
    said = answer(own, spec)
    assert 'violates PodSecurity "restricted:latest"' in said, f"{own.names.namespace}: {said}"
    assert rule in said
