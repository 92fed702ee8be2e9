"""Whether pods run what the settings name."""

import pytest

from delivery.account.error import CheckError
from delivery.images.agreement import running_digest
from delivery.images.running import RunningImage
from environments.schema.settings import Image

IMAGE = "mosaic-life/web:staging-1a2b3c4"
NAME = f"registry/{IMAGE}"
A, B = (f"sha256:{letter * 64}" for letter in "ab")
TAGGED, PINNED = Image(tag="staging-1a2b3c4"), Image(tag="staging-1a2b3c4", digest=A)


def running(digest: str | None = A, image: str = NAME, pods: int = 1) -> RunningImage:
    return RunningImage(image=image, digest=digest, pods=pods)


@pytest.mark.parametrize("image", [TAGGED, PINNED])
def test_one_build_that_matches_the_settings_is_right(image: Image) -> None:
    assert running_digest(image, NAME, [running()]) == A


@pytest.mark.parametrize(
    ("image", "found", "said"),
    [
        (TAGGED, [], "no ready pod runs it"),
        (TAGGED, [running(image="busybox:1", pods=2)], f"2 pods run busybox:1, not {IMAGE}"),
        (TAGGED, [running(), running(image=f"{NAME}5")], f"1 pod runs {IMAGE}5, not {IMAGE}"),
        (TAGGED, [running(pods=2), running(None)], "the nodes of 1 of 3 pods do not say what they run"),
        (TAGGED, [running(pods=2), running(B)], f"different builds of {IMAGE}: 2 pods run {A}, 1 pod runs {B}"),
        (PINNED, [running(B)], f"pods run {B}, the settings have {A}"),
    ],
)
def test_a_mismatch_is_reported(image: Image, found: list[RunningImage], said: str) -> None:
    with pytest.raises(CheckError) as raised:
        running_digest(image, NAME, found)
    assert str(raised.value) == said
