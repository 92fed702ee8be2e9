"""What a node pulled, as kwok reports it in a kubelet's place: nothing is pulled, the digest is made of the name."""

import hashlib
import re

# Of a container in the status that a stage of kwok's gives a pod; .image is its name in the pod's specification.
_CONTAINER = re.compile(r"^(?P<indent> *)- image: \{\{ (?P<image>\S+) \| Quote \}\}\n", re.M)
# As a kubelet writes it, REGISTRY/REPOSITORY@DIGEST, by the functions of https://masterminds.github.io/sprig/.
_IMAGE_ID = (
    '{{ if contains "@" IMAGE }}{{ regexReplaceAll ":[^/@]*@" IMAGE "@" | Quote }}'
    '{{ else }}{{ printf "%s@sha256:%s" (regexReplaceAll ":[^/:]*$" IMAGE "") (sha256sum IMAGE) | Quote }}{{ end }}'
)


def with_image_ids(stage: str) -> str:
    """Return a stage of kwok's that also gives each container's ``imageID``; one of no containers as it is."""

    def add(found: re.Match[str]) -> str:
        image_id = _IMAGE_ID.replace("IMAGE", found["image"])
        return f"{found[0]}{found['indent']}  imageID: {image_id}\n"

    return _CONTAINER.sub(add, stage)


def digest_of(image: str) -> str:
    """Return the digest that a node pulls by this name: its own, or for a name with a tag one made of the name."""
    return image.partition("@")[2] or f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
