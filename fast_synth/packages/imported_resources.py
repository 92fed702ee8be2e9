"""Finds which resources of the prebuilt providers a folder of Python files imports."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from fast_synth.framework import PROVIDER_PREFIX


def imported_resources(folder: Path) -> Mapping[str, frozenset[str]]:
    """Read the imports of every Python file under a folder, without running any.

    Args:
        folder: searched with its subfolders.

    Returns:
        The submodules imported from each provider package, such as
        `{"cdktf_cdktf_provider_aws": {"provider", "s3_bucket"}}`.

    Raises:
        SyntaxError: a file is not valid Python; the error names it.

    """
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*.py"):
        source = path.read_bytes()
        if PROVIDER_PREFIX.encode() in source:
            for package, resource in _resources(ast.parse(source, filename=str(path))):
                found.setdefault(package, set()).add(resource)
    return {package: frozenset(resources) for package, resources in found.items()}


def _resources(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            # `from package import resource` and `from package.resource import Class` alike.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package.startswith(PROVIDER_PREFIX) and rest:
                yield package, rest.partition(".")[0]
