"""Makes kwok report pulled images as a kubelet does: nothing is pulled, so the digest is derived from the name."""

import hashlib
import re

# A container in the pod status of a kwok stage; .image is its name in the pod's specification.
_CONTAINER = re.compile(r"^(?P<indent> *)- image: \{\{ (?P<image>\S+) \| Quote \}\}\n", re.M)
# As a kubelet writes it, REGISTRY/REPOSITORY@DIGEST, with the functions of https://masterminds.github.io/sprig/.
_IMAGE_ID = (
    '{{ if contains "@" IMAGE }}{{ regexReplaceAll ":[^/@]*@" IMAGE "@" | Quote }}'
    '{{ else }}{{ printf "%s@sha256:%s" (regexReplaceAll ":[^/:]*$" IMAGE "") (sha256sum IMAGE) | Quote }}{{ end }}'
)


def with_image_ids(stage: str) -> str:
    """Return a kwok stage that also sets each container's ``imageID``; a stage without containers is unchanged."""

    def add(found: re.Match[str]) -> str:
        image_id = _IMAGE_ID.replace("IMAGE", found["image"])
        return f"{found[0]}{found['indent']}  imageID: {image_id}\n"

    return _CONTAINER.sub(add, stage)


def digest_of(image: str) -> str:
    """Return the digest that a node pulls for this name: its own, or one derived from a name with a tag."""
    return image.partition("@")[2] or f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
