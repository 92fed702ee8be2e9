"""The images that pods report as running."""

from typing import Any

from delivery.images.running import RunningImage, images_of

IMAGE = "registry/mosaic-life/web:staging-1a2b3c4"
DIGEST = f"sha256:{'a' * 64}"


def pod(
    image_id: str = f"registry/mosaic-life/web@{DIGEST}", *, ready: str = "True", **metadata: str
) -> dict[str, Any]:
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "sidecar", "image": "other"}, {"name": "web", "image": IMAGE}]},
        "status": {
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [
                {"name": "web", "imageID": image_id},
                {"name": "sidecar", "imageID": f"other@sha256:{'b' * 64}"},
            ],
        },
    }


def test_pods_of_one_build_are_counted_together() -> None:
    assert images_of([pod(), pod()], "web") == [RunningImage(image=IMAGE, digest=DIGEST, pods=2)]


def test_dockers_image_id_format_is_understood() -> None:
    (found,) = images_of([pod(f"docker-pullable://registry/mosaic-life/web@{DIGEST}")], "web")
    assert found.digest == DIGEST


def test_a_config_id_is_not_a_registry_digest() -> None:
    assert [it.digest for it in images_of([pod("sha256:1234"), pod("")], "web")] == [None]


def test_unready_and_terminating_pods_do_not_count() -> None:
    assert images_of([pod(ready="False"), pod(deletionTimestamp="2026-11-29T00:00:00Z"), {"metadata": {}}], "web") == []


def test_the_build_with_the_most_pods_comes_first() -> None:
    other = f"registry/mosaic-life/web@sha256:{'c' * 64}"
    assert [it.pods for it in images_of([pod(other), pod(), pod()], "web")] == [2, 1]
