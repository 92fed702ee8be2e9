"""Pod Security: the API server refuses every pod that could reach beyond its container."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.live.isolation.probe_pod import RESTRICTED, answer
from tests.live.isolation.tenant import Tenant

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
IMAGE = RESTRICTED["containers"][0]["image"]


def with_pod(**parts: object) -> dict[str, Any]:
    return {**RESTRICTED, **parts}


def with_container(**parts: object) -> dict[str, Any]:
    (container,) = RESTRICTED["containers"]
    return with_pod(containers=[{**container, **parts}])


def with_security(**parts: object) -> dict[str, Any]:
    (container,) = RESTRICTED["containers"]
    context = {**container["securityContext"], **parts}
    return with_container(securityContext={name: part for name, part in context.items() if part is not None})


def test_a_restricted_pod_is_admitted(own: Tenant) -> None:
    assert answer(own, RESTRICTED) == "admitted"


# The API server names each rule in its own words:
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
            with_pod(initContainers=[{"name": "first", "image": IMAGE, "securityContext": {"privileged": True}}]),
            "privileged",
            id="privileged init container",
        ),
    ],
)
def test_a_pod_that_breaks_the_restricted_standard_is_refused(own: Tenant, spec: Mapping[str, Any], rule: str) -> None:
    said = answer(own, spec)
    assert 'violates PodSecurity "restricted:latest"' in said, f"{own.names.namespace}: {said}"
    assert rule in said
