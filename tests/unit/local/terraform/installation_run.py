"""A call to provider_installation.install."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local.build.programs import Programs
from local.terraform.provider_installation import ProviderInstallation, install
from local.terraform.provider_source import Registry
from modules.model.providers import PROVIDERS
from tests.unit.local.terraform.local_registry import LocalRegistry
from tests.unit.local.terraform.mirrors import pinned


@dataclass
class Run:
    """One call to install, isolated from this machine except for a test's arguments."""

    folder: Path
    cache: Path
    registry: LocalRegistry
    mirrors: list[Path] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def official(self) -> dict[str, list[str]]:
        """The versions in a registry with one version of each provider."""
        return {provider.source: [pinned(provider)] for provider in PROVIDERS}

    def __call__(self, cloud: Literal["aws", "local"] = "local") -> ProviderInstallation:
        return install(
            folder=self.folder,
            cloud=cloud,
            variables=self.variables,
            mirrors=self.mirrors,
            registry=Registry(self.registry.url),
            build=self.build,
        )

    def build(self, names: Sequence[str]) -> Programs:
        """Return the programs as in the cache; their function does not matter here."""
        self.built += names
        folder = self.cache / "built"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_text(name)
            (folder / name).chmod(0o755)
        return Programs(
            etcd=folder / "etcd",
            kube_apiserver=folder / "kube-apiserver",
            kube_controller_manager=folder / "kube-controller-manager",
            kube_scheduler=folder / "kube-scheduler",
            kwok=folder / "kwok",
            external_secrets=folder / "external-secrets",
            aws_load_balancer_controller=folder / "aws-load-balancer-controller",
            external_dns=folder / "external-dns",
            terraform_provider_kubernetes=folder / "terraform-provider-kubernetes",
            terraform_provider_postgresql=folder / "terraform-provider-postgresql",
            crd_folder=folder,
            kwok_stages=(),
            versions={},
            built=frozenset(names),
        )
