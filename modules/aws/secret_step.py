"""What only the AWS command line does with a secret: a script that runs once for each of its triggers."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResource
from constructs import Construct


def secret_step(
    scope: Construct,
    id_: str,
    *,
    secret_arn: str,
    script: str,
    variables: Mapping[str, str],
    triggers: Sequence[str],
    depends_on: Sequence[str] = (),
) -> TerraformResource:
    """Run a Bash script about a secret, for what only the AWS CLI can do.

    Applying needs the AWS CLI, as the cluster's token does (modules/base/cluster_login.py).

    Args:
        scope: parent construct.
        id_: id below the parent.
        secret_arn: ARN of the secret; the script reads it as `SECRET`.
        script: the script. It must not print a value.
        variables: further environment variables of the script.
        triggers: the script runs when one of these texts changes, and again after it failed.
        depends_on: Terraform addresses that must exist first.

    Returns:
        The resource. Its output is the secret's ARN, known once the script has run.

    """
    # CDKTF's own DataResource would run `terraform version` in each synth.
    step = TerraformResource(scope, id_, terraform_resource_type="terraform_data")
    step.add_override("input", secret_arn)
    step.add_override("triggers_replace", [secret_arn, *triggers])
    step.add_override(
        "provisioner",
        [
            {
                "local-exec": {
                    "interpreter": ["/bin/bash", "-euo", "pipefail", "-c"],
                    "command": script,
                    "quiet": True,
                    "environment": {
                        "AWS_DEFAULT_REGION": '${split(":", self.input)[3]}',
                        "SECRET": "${self.input}",
                        **variables,
                    },
                }
            }
        ],
    )
    if depends_on:
        step.add_override("depends_on", list(depends_on))
    return step
