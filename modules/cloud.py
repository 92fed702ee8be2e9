"""Where things run: providers and state backend. The only file that knows ``aws`` from ``local``.

MOSAIC_CLOUD chooses (``aws`` by default). ``local`` is the local cloud of ``python -m local``; its endpoint comes from
AWS_ENDPOINT_URL, which must be on the loopback interface. Credentials always come from the process's environment, never
from the code.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cdktf import S3Backend, S3BackendEndpointConfig
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags, AwsProviderEndpoints

from environments.settings import Shared
from modules.terraform import ReadableStack

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class CloudError(ValueError):
    """The process's environment does not say where to run; the message names the variable and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """AWS (endpoint is None) or the local cloud at an endpoint."""

    endpoint: str | None = None

    @classmethod
    def from_variables(cls, variables: Mapping[str, str] = os.environ) -> "Cloud":
        """Return the cloud that these environment variables choose. Raises CloudError."""
        name = variables.get("MOSAIC_CLOUD", "aws")
        endpoint = variables.get("AWS_ENDPOINT_URL")
        if name == "aws":
            if endpoint:
                raise CloudError(
                    f"AWS_ENDPOINT_URL is {endpoint!r} while MOSAIC_CLOUD is 'aws'; "
                    "allowed: unset it for AWS, or MOSAIC_CLOUD=local for the local cloud"
                )
            return cls()
        if name != "local":
            raise CloudError(f"MOSAIC_CLOUD is {name!r}; allowed: 'aws' (default) or 'local'")
        if not endpoint:
            raise CloudError(
                "MOSAIC_CLOUD is 'local' but AWS_ENDPOINT_URL is not set; "
                'start the local cloud and take over its variables: make local-up && eval "$(make -s local-env)"'
            )
        if urlsplit(endpoint).hostname not in _LOOPBACK:
            raise CloudError(
                f"AWS_ENDPOINT_URL is {endpoint!r} while MOSAIC_CLOUD is 'local'; "
                f"allowed: a URL on {', '.join(sorted(_LOOPBACK))}"
            )
        return cls(endpoint=endpoint)

    def add_backend(self, stack: ReadableStack, *, bucket: str, key: str, shared: Shared) -> None:
        """Keep the stack's state in this bucket: encrypted, locked by S3 itself, refused in another account."""
        backend = S3Backend(
            stack,
            bucket=bucket,
            key=key,
            region=shared.region,
            encrypt=True,
            allowed_account_ids=[shared.account],
            endpoints=S3BackendEndpointConfig(s3=self.endpoint, sts=self.endpoint, iam=self.endpoint)
            if self.endpoint
            else None,
            use_path_style=self._if_local,
            skip_metadata_api_check=self._if_local,
        )
        backend.add_override("use_lockfile", True)  # noqa: FBT003 the JSON value

    def add_aws_provider(self, stack: ReadableStack, *, shared: Shared, tags: Mapping[str, str]) -> None:
        """Talk to AWS, in this account only, and tag everything that is made."""
        AwsProvider(
            stack,
            "aws",
            region=shared.region,
            allowed_account_ids=[shared.account],
            default_tags=[AwsProviderDefaultTags(tags=tags)],
            endpoints=[
                AwsProviderEndpoints(
                    acm=self.endpoint,
                    ec2=self.endpoint,
                    eks=self.endpoint,
                    elbv2=self.endpoint,
                    iam=self.endpoint,
                    rds=self.endpoint,
                    s3=self.endpoint,
                    secretsmanager=self.endpoint,
                    sts=self.endpoint,
                )
            ]
            if self.endpoint
            else None,
            s3_use_path_style=self._if_local,
            skip_metadata_api_check="true" if self._if_local else None,
        )
        stack.require("aws")

    @property
    def _if_local(self) -> bool | None:
        return True if self.endpoint else None
