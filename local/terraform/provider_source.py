"""Lists versions of Terraform providers in filesystem mirrors and the registry."""

import http
import http.client
import json
import platform
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.runtime.errors import LocalCloudError
from modules.model.providers import REGISTRY, Provider, version_text

_TIMEOUT_SECONDS = 5
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def program_name(provider: Provider) -> str:
    """Return the name of the provider's program, such as ``terraform-provider-aws``."""
    return f"terraform-provider-{provider.name}"


def supported(provider: Provider, versions: Iterable[str]) -> str | None:
    """Return the provider's version if it is among these, otherwise None."""
    wanted = version_text(provider.version)
    return wanted if wanted in versions else None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A version and its place: ``root`` is the mirror's folder, None for the registry; ``place`` is for people."""

    version: str
    root: Path | None
    place: str

    @property
    def text(self) -> str:
        """The version and the place: ``5.100.0 from /opt/plugins``."""
        return f"{self.version} from {self.place}"


@dataclass(frozen=True)
class Mirror:
    """A folder in the layout of ``terraform providers mirror``, packed or unpacked; it need not exist.

    https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror has both layouts.
    """

    root: Path

    def versions(self, provider: Provider) -> list[str]:
        """Return the versions of a provider for this platform, in any order."""
        folder = self.root / REGISTRY / provider.source
        pattern = f"{program_name(provider)}_*_{_platform()}.zip"
        packed = [archive.name.split("_")[1] for archive in folder.glob(pattern)]
        unpacked = [program.parent.parent.name for program in folder.glob(f"*/{_platform()}/{program_name(provider)}*")]
        return sorted({*packed, *unpacked})

    def package(self, provider: Provider, version: str) -> Path:
        """Return the folder that holds the program of a version in the unpacked layout."""
        return self.root / REGISTRY / provider.source / version / _platform()

    def program(self, provider: Provider, version: str) -> Path | None:
        """Return the program of a version; None if the mirror has it only packed."""
        return next(iter(sorted(self.package(provider, version).glob(f"{program_name(provider)}*"))), None)


class Registry:
    """The registry's list of versions, requested with a short timeout, and not again after it did not answer."""

    def __init__(self, url: str = f"https://{REGISTRY}") -> None:
        self._url = url
        self._silent: str | None = None

    @property
    def answer(self) -> str:
        """The result of the requests, for an error's text."""
        return self._silent or "it answered but has none"

    def versions(self, provider: Provider) -> list[str]:
        """Return the versions for this platform; none if the registry does not answer."""
        if self._silent is not None:
            return []
        url = f"{self._url}/v1/providers/{provider.source}/versions"
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 the scheme is fixed above
                listed = json.load(answer)["versions"]
            system, _, machine = _platform().partition("_")
            return [
                entry["version"]
                for entry in listed
                if {"os": system, "arch": machine} in map(_os_and_arch, entry["platforms"])
            ]
        except urllib.error.HTTPError as error:
            # "Not found" is about one provider; a proxy that refuses would refuse them all.
            if error.code != http.HTTPStatus.NOT_FOUND:
                self._silent = f"it answered {error.code}"
        except (OSError, http.client.HTTPException) as error:
            self._silent = f"it does not answer: {error}"
        except (ValueError, KeyError, TypeError):
            self._silent = "what answers is not a registry"
        return []


def _os_and_arch(entry: dict[str, str]) -> dict[str, str]:
    return {"os": entry["os"], "arch": entry["arch"]}


def _platform() -> str:
    """Return Terraform's name of this platform, such as ``linux_amd64``."""
    machine = platform.machine().lower()
    if machine not in _MACHINES:
        raise LocalCloudError(
            f"Terraform's providers are not built for a {machine} machine, only for {sorted(_MACHINES)}"
        )
    return f"{platform.system().lower()}_{_MACHINES[machine]}"
