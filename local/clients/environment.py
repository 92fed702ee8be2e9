"""The environment variables by which the usual clients use the local cloud."""

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
# What a shell may still hold from work on AWS, and what would overrule the local access key.
UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "PGPASSWORD")


def variables(cloud: Cloud) -> dict[str, str]:
    """Return the variables; UNSET names those that must not be set beside them. It holds the administrator's key."""
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
        # The AWS provider starts anew for each step of a plan or an apply, and makes the schemas of all of AWS again.
        # By Go's own 100, a quarter of its and Terraform's processor time goes into collecting garbage.
        "GOGC": os.environ.get("GOGC", "300"),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(cloud.state / CONFIGURATION_NAME),
        # What cdktf writes for the local cloud stays apart from what it writes for AWS: Terraform remembers there which
        # backend and which providers it was initialized with.
        "CDKTF_OUTPUT": str(cloud.state / SYNTHESIZED),
        # cdktf would ask the registry for the checksums of every platform, and keep every provider, a stand-in as well,
        # in a cache that it uses for AWS too.
        "CDKTF_SKIP_PROVIDER_LOCK": "true",
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        # jsii prints a banner for each Node release whose time is over; cdktf 0.21 runs on Node 20 and newer.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "PATH": os.pathsep.join(path),
    }
