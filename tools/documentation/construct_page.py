"""Writes a Markdown page for each construct, and their index."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from tools.documentation.construct import FOLDERS, Described, Module, Value
from tools.documentation.example import Element, Example

# The folder for these pages, next to the pages of docs.
CONSTRUCTS = "constructs"
# From there to the checkout's root.
_UP = "../.."
_URL = re.compile(r"(?<![<(])https://\S+")
_SECTIONS = {
    "resource": "Resources",
    "data": "Data sources",
    "ephemeral": "Ephemeral resources, opened in each run and stored nowhere",
}


class ConstructPages:
    """The pages of all constructs. examples: by the name of the construct's file."""

    def __init__(self, modules: Iterable[Module], examples: Mapping[str, Example]) -> None:
        self._modules = list(modules)
        self._examples = examples
        self._pages = {f"{m.construct.module}.{m.construct.name}": f"{m.construct.stem}.md" for m in self._modules}

    def pages(self) -> dict[str, str]:
        """Every page by its file name."""
        return {
            "README.md": "\n".join(self._index()),
            **{f"{module.construct.stem}.md": self._page(module) for module in self._modules},
        }

    def _index(self) -> Iterator[str]:
        yield "# Constructs\n"
        yield (
            "Every construct of [`modules/`](../../modules), from its source: what it creates, its arguments and an "
            "example that a test synthesizes.\n"
        )
        yield (
            "Arguments are keywords, after two that every construct has: `scope`, the construct or stack that it "
            "belongs to, and `id_`, a short noun without the environment's name. The ids on the way to a resource "
            "become its Terraform address: `media` and `versioning` become "
            "`aws_s3_bucket_versioning.media_versioning`.\n"
        )
        for folder, title in FOLDERS.items():
            yield f"## {title}\n"
            yield "| construct | what it is |\n|---|---|"
            for module in self._modules:
                construct = module.construct
                if construct.folder == folder:
                    yield f"| [{construct.name}]({construct.stem}.md) | {_cell(construct.summary)} |"
            yield ""

    def _page(self, module: Module) -> str:
        construct, example = module.construct, self._examples[module.construct.stem]
        types = {f"{each.module}.{each.name}" for each in module.types}
        lines = [
            f"# {construct.name}\n",
            f"{_prose(construct.text)}\n",
            f"Code: [`{construct.file}`]({_UP}/{construct.file})\n",
            "## Example\n",
            f"{example.title}\n",
            f"```python\n{example.code}\n```\n",
            "## What the example creates\n",
            *_created(example.elements),
            "## Arguments\n",
            *self._table(construct.arguments, "argument", types),
        ]
        if construct.outputs:
            lines += ["## Outputs\n", *_names("output", {each.name: each.description for each in construct.outputs})]
        if construct.methods:
            lines += ["## Methods\n", *self._methods(construct, types)]
        if construct.errors:
            lines += ["## Errors\n", *_names("error", construct.errors)]
        for each in module.types:
            lines += [f"## {each.name}\n", f"{_prose(each.text)}\n", *self._table(each.arguments, "field", types)]
            if each.errors:
                lines += _names("error", each.errors)
        return "\n".join(lines)

    def _methods(self, construct: Described, types: Collection[str]) -> Iterator[str]:
        for method in construct.methods:
            yield f"### {method.name}\n"
            yield f"```python\n{method.signature}\n```\n"
            yield f"{_prose(method.text)}\n"
            yield from self._table(method.arguments, "argument", types)

    def _table(self, values: Iterable[Value], head: str, types: Collection[str]) -> Iterator[str]:
        rows = list(values)
        if not rows:
            return
        # The site's style sheet shows tables of this class without scrolling on a phone.
        yield "{.arguments}"
        yield f"| {head} | type | default | description |\n|---|---|---|---|"
        for value in rows:
            default = "required" if value.default is None else f"`{value.default}`"
            yield f"| `{value.name}` | {self._type(value, types)} | {default} | {_cell(value.description)} |"
        yield ""

    def _type(self, value: Value, types: Collection[str]) -> str:
        code = f"`{_cell(value.type)}`"
        if value.own_type is None:
            return code
        if value.own_type in self._pages:
            return f"[{code}]({self._pages[value.own_type]})"
        module, _, name = value.own_type.rpartition(".")
        if value.own_type in types:
            return f"[{code}](#{name.lower()})"
        return f"[{code}]({_UP}/{module.replace('.', '/')}.py)"


def _created(elements: Iterable[Element]) -> Iterator[str]:
    found = list(elements)
    for section, title in _SECTIONS.items():
        rows = [each for each in found if each.section == section]
        if rows:
            yield f"{title}:\n"
            for each in rows:
                kind = f" ({each.kind})" if each.kind else ""
                yield f"- `{each.address.removeprefix(f'{section}.')}`{kind}"
            yield ""


def _names(head: str, described: Mapping[str, str]) -> Iterator[str]:
    yield f"| {head} | description |\n|---|---|"
    for name, words in described.items():
        yield f"| `{name}` | {_cell(words)} |"
    yield ""


def _prose(text: str) -> str:
    """The text with its URLs as links."""
    return _URL.sub(lambda match: f"<{match[0]}>", text)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
