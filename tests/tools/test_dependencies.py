"""Every imported package is declared in the Pipfile, because a transitive dependency can disappear.

deptry does the same for other requirement files, but does not read a Pipfile.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from modules.model.project import ROOT
from tools.checkout import Checkout

_PYTHON = sorted(name for name in Checkout(ROOT).files if name.endswith(".py"))
_OWN = {name.partition("/")[0].removesuffix(".py") for name in _PYTHON}
# A deploy needs only `packages`; the rest is for development of this repository, on a local cloud.
_DEPLOYED = ("main.py", "delivery/", "environments/", "fast_synth/", "modules/")
_LOCAL = ("delivery/rehearsal/",)


@cache
def _declared() -> dict[str, set[str]]:
    pipfile = tomllib.loads((ROOT / "Pipfile").read_text(encoding="utf-8"))
    found = {section: set(pipfile[section]) for section in ("packages", "dev-packages")}
    # Each extra of these is a separate package.
    found["dev-packages"] |= {f"mypy-boto3-{extra}" for extra in pipfile["dev-packages"]["boto3-stubs"]["extras"]}
    return found


@cache
def _distributions() -> dict[str, set[str]]:
    return {
        module: {name.lower().replace("_", "-") for name in names} for module, names in packages_distributions().items()
    }


def _imported(node: ast.AST) -> Iterator[str]:
    """The imported modules, except those that only a type checker sees."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    elif not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from _imported(child)


@pytest.mark.parametrize("deployed", [True, False])
def test_every_import_is_declared(deployed: bool) -> None:  # noqa: FBT001
    sections = ("packages",) if deployed else ("packages", "dev-packages")
    declared = set().union(*(_declared()[section] for section in sections))
    files = [name for name in _PYTHON if (name.startswith(_DEPLOYED) and not name.startswith(_LOCAL)) is deployed]
    assert files
    missing = {
        (module.partition(".")[0], name)
        for name in files
        for module in _imported(ast.parse((ROOT / name).read_text(encoding="utf-8")))
        if (package := module.partition(".")[0]) not in sys.stdlib_module_names | _OWN
        and not _distributions().get(package, {package}) & declared
    }
    assert missing == set()
