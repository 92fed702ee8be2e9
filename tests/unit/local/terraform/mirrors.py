"""Provider mirrors in Terraform's layout, with one line of text instead of programs."""

import zipfile
from pathlib import Path

from local.terraform.provider_source import Mirror, program_name
from modules.model.providers import AWS, PROVIDERS, REGISTRY, Provider, version_text

PLATFORM = Mirror(Path("/")).package(AWS, "0").name


def pinned(provider: Provider) -> str:
    """Return the provider's version as text."""
    return version_text(provider.version)


def unpacked(root: Path, provider: Provider, version: str) -> Path:
    """Put a version into a mirror in unpacked layout, as ``terraform init`` expects it."""
    package = Mirror(root).package(provider, version)
    package.mkdir(parents=True)
    program = package / f"{program_name(provider)}_v{version}"
    program.write_text(f"{provider.source} {version}")
    program.chmod(0o755)
    return root


def packed(root: Path, provider: Provider, version: str, platform: str = PLATFORM) -> Path:
    """Put a version into a mirror in packed layout, like ``terraform providers mirror``."""
    folder = root / REGISTRY / provider.source
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{program_name(provider)}_{version}_{platform}.zip", "w") as archive:
        archive.writestr(f"{program_name(provider)}_v{version}", version)
    return root


def complete(root: Path) -> Path:
    for provider in PROVIDERS:
        unpacked(root, provider, pinned(provider))
    return root
