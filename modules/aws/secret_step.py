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
    """Run a script of bash about a secret; return the resource, whose output is the secret's ARN once it has run.

    script: it finds the ARN as SECRET, and prints no value. variables: what else it finds. triggers: it runs when one
    of these texts is another, and again after it failed. depends_on: Terraform addresses of what must be there before.
    Whoever applies needs the AWS command line, as for the cluster's token (modules/base/cluster_login.py).
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
