"""The environment variables that point the usual clients at the local cloud."""

import os

from local.postgresql.server import ADMINISTRATOR
from local.runtime.paths import STATE_VARIABLE
from local.runtime.ports import FRONT_DOOR, HOST
from local.state import Cloud
from local.terraform.provider_installation import CONFIGURATION_NAME
from modules.model.cloud_selection import ACCOUNT_VARIABLE, AUTHORITY_VARIABLE, FRONT_DOOR_VARIABLE
from modules.model.selected_settings import SHARED

# The folder, in the state folder, that cdktf writes for the local cloud.
SYNTHESIZED = "cdktf.out"
# Variables that a shell may still hold from work on AWS, and that would override the local access key.
UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "PGPASSWORD")


def variables(cloud: Cloud) -> dict[str, str]:
    """Return the variables, including the administrator's key; UNSET names those that must not be set beside them."""
    key = cloud.key()
    tools = str(cloud.tools)
    path = [tools, *(entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry != tools)]
    return {
        "MOSAIC_CLOUD": "local",
        STATE_VARIABLE: str(cloud.state),
        ACCOUNT_VARIABLE: cloud.account,
        FRONT_DOOR_VARIABLE: f"{HOST}:{cloud.ports[FRONT_DOOR]}",
        AUTHORITY_VARIABLE: str(cloud.certificates.authority),
        "AWS_ENDPOINT_URL": cloud.aws_endpoint,
        "AWS_REGION": SHARED.region,
        "AWS_DEFAULT_REGION": SHARED.region,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": str(cloud.kubeconfig),
        "PGHOST": cloud.database_host,
        "PGPORT": str(cloud.database_port),
        "PGUSER": ADMINISTRATOR,
        "PGDATABASE": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(cloud.certificates.authority),
        "PGPASSFILE": str(cloud.password_file),
        # The AWS provider restarts for each step of a plan or an apply, and builds the schemas of all of AWS again.
        # With Go's default of 100, garbage collection takes a quarter of its and Terraform's processor time.
        "GOGC": os.environ.get("GOGC", "800"),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(cloud.state / CONFIGURATION_NAME),
        # cdktf's output for the local cloud stays apart from its output for AWS: Terraform stores there which backend
        # and which providers it was initialized with.
        "CDKTF_OUTPUT": str(cloud.state / SYNTHESIZED),
        # Otherwise cdktf asks the registry for the checksums of every platform, and stores every provider, even a
        # stand-in, in a cache that it also uses for AWS.
        "CDKTF_SKIP_PROVIDER_LOCK": "true",
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        # jsii prints a banner for each Node release past its end of life; cdktf 0.21 runs on Node 20 and newer.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "PATH": os.pathsep.join(path),
    }
