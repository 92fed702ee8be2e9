"""Pushes a new build of every application, as its workflow does: only the manifests, no layers."""

import hashlib
import json
import secrets

import boto3

from environments.applications import APPLICATIONS
from environments.schema.settings import Environment

_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def push_build(session: boto3.Session, environment: Environment) -> str:
    """Push an image of each application under one new tag for the environment, and return the tag."""
    registry, tag = session.client("ecr"), f"{environment.name}-{secrets.token_hex(4)[:7]}"
    for application in APPLICATIONS:
        digest = f"sha256:{hashlib.sha256(f'{application.repository}:{tag}'.encode()).hexdigest()}"
        part = {"mediaType": "application/octet-stream", "size": 1, "digest": digest}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": _TYPE, "config": part, "layers": []})
        # moto takes the digest as given; ECR would compute it from the manifest.
        registry.put_image(
            repositoryName=application.repository,
            imageTag=tag,
            imageManifest=manifest,
            imageManifestMediaType=_TYPE,
            imageDigest=digest,
        )
    return tag
