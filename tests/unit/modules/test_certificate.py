"""The names on a certificate, found in its text as in a plan."""

import pytest
import trustme

from modules.aws.certificate import encoded_name

NAMES = ("mosaiclife.me", "*.mosaiclife.me", "api.mosaiclife.me", "*.b.mosaiclife.me", "x" * 60 + ".example.org")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The texts of certificates with these names in every order, so that names start at different bytes."""
    authority = trustme.CA()
    orders = [NAMES[first:] + NAMES[:first] for first in range(len(NAMES))]
    return [authority.issue_cert(*names).cert_chain_pems[0].bytes().decode().replace("\n", "") for names in orders]


def has(text: str, name: str) -> bool:
    return any(part in text for part in encoded_name(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_on_it_is_found(texts: list[str], name: str) -> None:
    assert all(has(text, name) for text in texts)


@pytest.mark.parametrize(
    "name", ["mosaiclife.m", "osaiclife.me", "*.mosaiclife.com", "web.mosaiclife.me", "b.mosaiclife.me", "*.me"]
)
def test_no_other_name_is(texts: list[str], name: str) -> None:
    assert not any(has(text, name) for text in texts)
