"""Reads a construct's example (docs/examples/constructs), and synthesizes it to find what it creates."""

import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import modules.base.bindings  # noqa: F401 loads only what is used of the providers

# isort: split
import ast

from cdktf import App, TerraformStack
from constructs import Construct

from delivery.terraform.stack_configuration import Body, StackConfiguration
from modules.base.acting_role import add_acting_role
from modules.base.cloud import Cloud
from modules.base.cluster_login import add_kubernetes_provider
from modules.base.database_login import add_postgresql_provider
from modules.base.terraform import ReadableStack, address
from modules.model.project import ROOT
from modules.model.selected_settings import SHARED

FOLDER = "docs/examples/constructs"


@dataclass(frozen=True, kw_only=True)
class Element:
    """An element in an example's stack. address: Terraform's. kind: of a custom resource, otherwise ""."""

    address: str
    kind: str

    @property
    def section(self) -> str:
        """``resource``, ``data`` or ``ephemeral``."""
        first = self.address.partition(".")[0]
        return first if first in ("data", "ephemeral") else "resource"


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example. title: its file's docstring. code: the rest. class_name: of the construct that it creates."""

    file: str
    title: str
    code: str
    class_name: str
    elements: tuple[Element, ...]


def synthesize_examples(folder: Path, stems: Sequence[str], root: Path = ROOT) -> dict[str, Example]:
    """Synthesize the named examples into a folder and return them by name. Errors from their constructs propagate."""
    app = App(outdir=str(folder))
    made = {stem: _make(app, stem, root) for stem in stems}
    app.synth()
    return {stem: _read(folder, stem, construct, root) for stem, construct in made.items()}


def _make(app: App, stem: str, root: Path) -> Construct:
    function: Callable[[Construct], Construct] = runpy.run_path(str(root / FOLDER / f"{stem}.py"))["example"]
    if issubclass(function.__annotations__["return"], TerraformStack):
        return function(app)
    stack = ReadableStack(app, stem.replace("_", "-"))
    add_acting_role(stack)
    Cloud().add_aws_provider(stack, shared=SHARED, tags={})
    add_kubernetes_provider(stack, endpoint="https://cluster.example", authority='""', shared=SHARED)
    add_postgresql_provider(stack, host='"database.example"', port="5432", username='"demo"', password='""')
    return function(stack)


def _read(folder: Path, stem: str, construct: Construct, root: Path) -> Example:
    file = f"{FOLDER}/{stem}.py"
    source = (root / file).read_text(encoding="utf-8")
    stack = TerraformStack.of(construct)
    document = json.loads((folder / "stacks" / stack.node.id / "cdk.tf.json").read_text(encoding="utf-8"))
    prefix = "" if construct is stack else address(construct.node.path)
    return Example(
        file=file,
        title=ast.get_docstring(ast.parse(source)) or "",
        code=source.split('"""\n', maxsplit=2)[1].strip(),
        class_name=type(construct).__name__,
        elements=tuple(_elements(StackConfiguration(document).bodies, prefix)),
    )


def _elements(bodies: Mapping[str, Body], prefix: str) -> Iterator[Element]:
    """A construct's elements: their addresses start with the construct's."""
    for found, body in sorted(bodies.items()):
        name = found.rpartition(".")[2]
        if not prefix or name == prefix or name.startswith(f"{prefix}_"):
            yield Element(address=found, kind=str(body.get("manifest", {}).get("kind", "")))
