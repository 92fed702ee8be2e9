"""Selects which of an environment's two roles runs Terraform: one deploys, the other only plans and reads no secret."""

from cdktf import TerraformVariable, TerraformVariableValidationConfig

from modules.base.terraform import ReadableStack
from modules.model.acting_role import DEPLOY, NAME, PLAN


def add_acting_role(stack: ReadableStack) -> None:
    """Allow planning a stack without reading a secret: ``TF_VAR_role=plan``. The default is to deploy."""
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
    """Choose between two bare expressions by the role that runs Terraform; returns a bare expression."""
    return f'var.{NAME} == "{DEPLOY}" ? {deploy} : {plan}'
