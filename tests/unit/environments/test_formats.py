from decimal import Decimal

import pytest

from environments.schema.formats import is_immutable, parse_quantity
from environments.schema.settings import Image

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        ("250m", "0.25"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("1.5Gi", "1610612736"),
        ("512Mi", "536870912"),
        ("64Ki", "65536"),
        ("1k", "1000"),
        ("2M", "2000000"),
        ("3G", "3000000000"),
        ("1Ei", "1152921504606846976"),
        ("9" * 18, "999999999999999999"),
    ],
)
def test_a_quantity_is_parsed_like_kubernetes_does(text: str, number: str) -> None:
    assert parse_quantity(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "m", "1 Gi", "1gi", "1GB", "-1", "1e3", "1,5", "0x1", "\u0661", "1\n", "9" * 5000]
)
def test_text_that_is_not_a_quantity_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not a Kubernetes quantity; allowed: 250m, 1, 0\.5, 512Mi, 1Gi and the like"
    ):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("tag", "immutable"),
    [
        ("80d2e05", True),
        ("a" * 40, True),
        ("v1.2.3", True),
        ("1.2.3-rc.1", True),
        ("prod-80d2e05", True),
        (f"staging-{'a' * 40}", True),
        (f"prod-{'a' * 41}", False),
        ("prod-80d2e0", False),
        ("feature-80d2e05", False),
        ("prod-80d2e05-dirty", False),
        ("develop", False),
        ("main", False),
        ("latest", False),
        ("abc123", False),  # git's abbreviated hash has seven digits
        ("a" * 41, False),
        ("v1.2", False),
        ("80d2e05-dirty", False),
    ],
)
def test_only_a_tag_of_exactly_one_build_is_immutable(tag: str, *, immutable: bool) -> None:
    assert is_immutable(tag) is immutable


@pytest.mark.parametrize(
    ("image", "reference", "immutable"),
    [
        (Image(tag="develop"), ":develop", False),
        (Image(tag="prod-80d2e05"), ":prod-80d2e05", True),
        (Image(digest=DIGEST), f"@{DIGEST}", True),
        (Image(tag="develop", digest=DIGEST), f":develop@{DIGEST}", True),
    ],
)
def test_a_digest_is_recognized(image: Image, reference: str, *, immutable: bool) -> None:
    assert (image.reference, image.is_immutable) == (reference, immutable)
