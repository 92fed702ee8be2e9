"""The EKS part of the local cloud: a Kubernetes control plane with nodes simulated by kwok."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.build.programs import Programs
from local.kubernetes.kubeconfig import write_kubeconfig
from local.kubernetes.pulled_images import with_image_ids
from local.kubernetes.token_authenticator.part import TOKEN_AUTHENTICATOR
from local.runtime.certificates import Certificates
from local.runtime.ports import HOST, KUBE_APISERVER
from local.runtime.private_files import private_folder, write_private
from local.runtime.process import Part
from modules.model.selected_settings import SHARED

ETCD = "etcd"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
KWOK = "kwok"
# EKS's default range for Services, and the one in moto's description of the cluster.
SERVICES = "172.20.0.0/16"
# Pods get addresses of the VPC, as from EKS's network plugin.
PODS = "10.20.128.0/17"
# kwok starts with the lowest address, even if pods already have it (0.8), so each start uses another range. This many
# ranges of 254 addresses fit before the nodes' addresses.
_POD_RANGES = 60
_NODE_LEASE_SECONDS = 40

_ARN = f"arn:aws:eks:{SHARED.region}:{SHARED.account}:cluster/{SHARED.cluster}"
# EKS gives each cluster an id of 32 hexadecimal digits.
OIDC_ISSUER = (
    f"https://oidc.eks.{SHARED.region}.amazonaws.com/id/{hashlib.sha256(_ARN.encode()).hexdigest()[:32].upper()}"
)


def kubernetes_url(ports: Mapping[str, int]) -> str:
    """Return the API server's address, which EKS calls the cluster's endpoint."""
    return f"https://{HOST}:{ports[KUBE_APISERVER]}"


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """The control plane of one state folder. etcd starts first, then the API server, then all others at once."""

    state: Path
    ports: Mapping[str, int]
    certificates: Certificates
    programs: Programs

    @property
    def etcd(self) -> Part:
        """The API server's database; clients need a certificate of the local authority."""
        pair = self.certificates.server(ETCD)
        client, peer = (f"https://{HOST}:{self.ports[name]}" for name in (ETCD, "etcd-peer"))
        options = {
            "name": ETCD,
            "data-dir": self.state / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"{ETCD}={peer}",
            "cert-file": pair.certificate,
            "key-file": pair.key,
            "client-cert-auth": "true",
            "trusted-ca-file": self.certificates.client_authority,
            "peer-cert-file": pair.certificate,
            "peer-key-file": pair.key,
            "peer-client-cert-auth": "true",
            "peer-trusted-ca-file": self.certificates.client_authority,
            "log-level": "warn",
        }
        return self._part(ETCD, self.programs.etcd, options, health=f"{client}/readyz")

    @property
    def api_server(self) -> Part:
        """The API server; needs etcd to become ready."""
        pair = self.certificates.server(KUBE_APISERVER)
        etcd = self.certificates.server(ETCD)
        options = {
            "bind-address": HOST,
            "secure-port": self.ports[KUBE_APISERVER],
            "tls-cert-file": pair.certificate,
            "tls-private-key-file": pair.key,
            "client-ca-file": self.certificates.client_authority,
            "etcd-servers": f"https://{HOST}:{self.ports[ETCD]}",
            "etcd-cafile": self.certificates.authority,
            "etcd-certfile": etcd.certificate,
            "etcd-keyfile": etcd.key,
            "service-cluster-ip-range": SERVICES,
            # A loopback address is not allowed in the endpoints of the Service `kubernetes`.
            "endpoint-reconciler-type": "none",
            # As on EKS: an access policy may allow what Kubernetes' own rules do not.
            "authorization-mode": "Node,RBAC,Webhook",
            "authorization-webhook-config-file": self._folder / "token-authenticator.kubeconfig",
            "authorization-webhook-version": "v1",
            # Changes in EKS take effect at once.
            "authorization-webhook-cache-authorized-ttl": "0s",
            "authorization-webhook-cache-unauthorized-ttl": "0s",
            # As on EKS, whose own network pods need it; Pod Security forbids it per namespace.
            "allow-privileged": "true",
            "service-account-issuer": OIDC_ISSUER,
            "service-account-key-file": self.certificates.service_account_key,
            "service-account-signing-key-file": self.certificates.service_account_key,
            "authentication-config": self._folder / "authentication.json",
            "authentication-token-webhook-config-file": self._folder / "token-authenticator.kubeconfig",
            "authentication-token-webhook-version": "v1",
            # By default an expired token stays valid for two minutes.
            "authentication-token-webhook-cache-ttl": "5s",
            "profiling": "false",
        }
        return self._part(
            KUBE_APISERVER,
            self.programs.kube_apiserver,
            options,
            health=f"{kubernetes_url(self.ports)}/readyz",
            prepare=self._write_authentication,
        )

    @property
    def controllers(self) -> tuple[Part, ...]:
        """The clients of the API server: controller-manager, scheduler, and kwok in place of the kubelets."""
        return self._controller_manager, self._scheduler, self._kwok

    @property
    def _controller_manager(self) -> Part:
        options = {
            **self._client_and_server(CONTROLLER_MANAGER, "system:kube-controller-manager"),
            "leader-elect": "false",
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self.certificates.service_account_key,
            "root-ca-file": self.certificates.authority,
            "profiling": "false",
        }
        return self._part(CONTROLLER_MANAGER, self.programs.kube_controller_manager, options)

    @property
    def _scheduler(self) -> Part:
        options = {
            **self._client_and_server(SCHEDULER, "system:kube-scheduler"),
            "leader-elect": "false",
            "profiling": "false",
        }
        return self._part(SCHEDULER, self.programs.kube_scheduler, options)

    @property
    def _kwok(self) -> Part:
        address = f"{HOST}:{self.ports[KWOK]}"
        options = {
            "kubeconfig": self._kubeconfig(KWOK),
            "manage-all-nodes": "true",
            "node-lease-duration-seconds": _NODE_LEASE_SECONDS,
            "cidr": f"10.20.{128 + self._kwok_starts % _POD_RANGES}.0/24",
            "server-address": address,
        }
        return self._part(
            KWOK,
            self.programs.kwok,
            options,
            health=f"http://{address}/healthz",
            prepare=self._prepare_kwok,
            more=tuple(
                f"--config={file}" for file in (self._kwok_options, *map(self._kwok_stage, self.programs.kwok_stages))
            ),
        )

    @property
    def _kwok_starts(self) -> int:
        return int(self._kwok_counter.read_text(encoding="utf-8")) if self._kwok_counter.exists() else 0

    @property
    def _kwok_counter(self) -> Path:
        return self._folder / "kwok-starts"

    @property
    def _kwok_options(self) -> Path:
        return self._folder / "kwok.json"

    def _kwok_stage(self, built: Path) -> Path:
        return self._folder / f"kwok-{built.name}"

    def _prepare_kwok(self) -> None:
        for stage in self.programs.kwok_stages:
            write_private(self._kwok_stage(stage), with_image_ids(stage.read_text(encoding="utf-8")))
        write_private(self._kwok_counter, str(self._kwok_starts + 1))
        # kwok authenticates nobody, and would serve exec, port-forward, logs and its own profile to everyone.
        configuration = {
            "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
            "kind": "KwokConfiguration",
            "options": {
                "enableDebuggingHandlers": False,
                # kwok's own defaults, which it drops when it is given options (0.8).
                "nodeLeaseParallelism": 4,
                "nodePlayStageParallelism": 4,
                "podPlayStageParallelism": 4,
                "podsOnNodeSyncParallelism": 1,
                "enablePodsOnNodeSyncListPager": True,
            },
        }
        write_private(self._kwok_options, json.dumps(configuration))

    def _client_and_server(self, name: str, user: str) -> dict[str, object]:
        pair = self.certificates.server(name)
        return {
            "kubeconfig": self._kubeconfig(user),
            "bind-address": HOST,
            "secure-port": self.ports[name],
            "tls-cert-file": pair.certificate,
            "tls-private-key-file": pair.key,
        }

    def _kubeconfig(self, user: str) -> Path:
        return write_kubeconfig(
            self._folder / f"{user.replace(':', '-')}.kubeconfig",
            server=kubernetes_url(self.ports),
            authority=self.certificates.authority,
            client=self.certificates.client(user),
        )

    def _write_authentication(self) -> None:
        write_kubeconfig(
            self._folder / "token-authenticator.kubeconfig",
            server=f"https://{HOST}:{self.ports[TOKEN_AUTHENTICATOR]}/",
            authority=self.certificates.authority,
            client=self.certificates.server(KUBE_APISERVER),
        )
        # Anonymous callers may ask only for the server's health, as on EKS.
        health = [{"path": path} for path in ("/livez", "/readyz", "/healthz")]
        configuration = {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AuthenticationConfiguration",
            "anonymous": {"enabled": True, "conditions": health},
        }
        write_private(self._folder / "authentication.json", json.dumps(configuration))

    def _part(
        self,
        name: str,
        program: Path,
        options: Mapping[str, object],
        *,
        health: str | None = None,
        prepare: Callable[[], object] = lambda: None,
        more: tuple[str, ...] = (),
    ) -> Part:
        health = health or f"https://{HOST}:{self.ports[name]}/healthz"
        return Part(
            name=name,
            version=self.programs.versions[name],
            port=self.ports[name],
            address=health.rsplit("/", 1)[0],
            command=(str(program), *(f"--{option}={value}" for option, value in options.items()), *more),
            environment={"HOME": str(self._folder)},
            prepare=prepare,
            health=health,
        )

    @property
    def _folder(self) -> Path:
        return private_folder(self.state / "kubernetes")
