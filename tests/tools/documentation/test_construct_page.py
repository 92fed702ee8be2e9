"""The pages of the constructs."""

import pytest

from tools.documentation.construct import Module
from tools.documentation.construct_page import ConstructPages
from tools.documentation.example import Example


@pytest.fixture
def pages(modules: list[Module], examples: dict[str, Example]) -> dict[str, str]:
    return ConstructPages(modules, examples).pages()


def test_every_construct_has_a_page_and_a_line_in_the_index(pages: dict[str, str], modules: list[Module]) -> None:
    for module in modules:
        construct = module.construct
        assert pages[f"{construct.stem}.md"].startswith(f"# {construct.name}\n")
        assert f"| [{construct.name}]({construct.stem}.md) | " in pages["README.md"]
    assert len(pages) == len(modules) + 1


@pytest.mark.parametrize(
    "line",
    [
        "| `cors_origins` | `Sequence[str]` | `()` | web origins that may read and upload from a browser. |",
        "| `lifecycle` | [`Lifecycle`](#lifecycle) | required | when objects move or expire. |",
        r"| `expire_after` | `int \| None` | `None` | days after which an object expires. |",
        "| `bucket` | name and ARN of the bucket, for those who use it. |",
        "- `aws_s3_bucket_versioning.media_versioning`",
    ],
)
def test_a_page_has_arguments_outputs_types_and_resources(pages: dict[str, str], line: str) -> None:
    assert line in pages["private_bucket.md"].splitlines()


def test_a_settings_type_links_to_its_file(pages: dict[str, str]) -> None:
    """A type that is a construct links to its page."""
    assert "| `shared` | [`SharedInfrastructure`](shared_infrastructure.md) | required |" in pages["irsa_role.md"]
    assert "| `quota` | [`Quota`](../../environments/schema/settings.py) | required |" in pages["namespace.md"]
