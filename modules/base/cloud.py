"""Where things run: providers and state backend. The only file that distinguishes ``aws`` from ``local``.

``modules/model/cloud_selection.py`` reads the choice. Credentials always come from the process's environment, never
from the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf import S3Backend, S3BackendEndpointConfig
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from environments.schema.settings import Shared
from modules.base.terraform import ReadableStack
from modules.model.cloud_selection import local_endpoint


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """AWS (endpoint is None) or the local cloud at an endpoint."""

    endpoint: str | None = None

    @classmethod
    def from_variables(cls, variables: Mapping[str, str] | None = None) -> "Cloud":
        """Return the cloud that environment variables choose, by default this process's. Raises CloudError."""
        return cls(endpoint=local_endpoint(variables))

    def add_backend(self, stack: ReadableStack, *, bucket: str, key: str, shared: Shared) -> None:
        """Store the stack's state in this bucket: encrypted, locked by S3 itself, refused in another account."""
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
        """Use AWS, in this account only, and tag everything that is created.

        The provider reads the local cloud's endpoint from AWS_ENDPOINT_URL, as all of AWS's tools do. An `endpoints`
        block costs each process of hashicorp/aws 5.100 three seconds of CPU (docs/traps.md). Without the variable,
        Terraform stops at the local backend, which knows no credentials of AWS.
        """
        AwsProvider(
            stack,
            "aws",
            region=shared.region,
            allowed_account_ids=[shared.account],
            default_tags=[AwsProviderDefaultTags(tags=tags)],
            s3_use_path_style=self._if_local,
            skip_metadata_api_check="true" if self._if_local else None,
        )
        stack.require("aws")

    @property
    def _if_local(self) -> bool | None:
        return True if self.endpoint else None
