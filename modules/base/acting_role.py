"""Which of an environment's two roles runs Terraform: one that deploys, or one that only plans and reads no secret."""

from cdktf import TerraformVariable, TerraformVariableValidationConfig

from modules.base.terraform import ReadableStack
from modules.model.acting_role import DEPLOY, NAME, PLAN


def add_acting_role(stack: ReadableStack) -> None:
    """Let a stack be planned without reading a secret: ``TF_VAR_role=plan``. By default it is deployed."""
    TerraformVariable(
        stack,
        NAME,
        type="string",
        default=DEPLOY,
        description="Which of the environment's roles runs Terraform: deploy, or plan, which reads no secret's value.",
        validation=[
            TerraformVariableValidationConfig(
                condition=f'${{contains(["{DEPLOY}", "{PLAN}"], var.{NAME})}}',
                error_message=f"The variable {NAME} (TF_VAR_{NAME}) is neither {DEPLOY} nor {PLAN}.",
            )
        ],
    )


def by_role(*, deploy: str, plan: str) -> str:
    """A bare expression: one of two bare expressions, by the role that runs Terraform."""
    return f'var.{NAME} == "{DEPLOY}" ? {deploy} : {plan}'
