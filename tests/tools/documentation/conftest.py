"""The constructs as the tool reads them, and their examples, synthesized once."""

import pytest

from tools.documentation.construct import Module, read_modules
from tools.documentation.example import Example, synthesize_examples


@pytest.fixture(scope="package")
def modules() -> list[Module]:
    return read_modules()


@pytest.fixture(scope="package")
def examples(modules: list[Module], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Example]:
    return synthesize_examples(tmp_path_factory.mktemp("examples"), [each.construct.stem for each in modules])
