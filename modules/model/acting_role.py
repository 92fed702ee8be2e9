"""The Terraform variable that says which of an environment's two roles runs Terraform."""

# Set with TF_VAR_role: DEPLOY by default; PLAN for a run that only plans and reads no secret's value.
NAME = "role"
DEPLOY, PLAN = "deploy", "plan"
