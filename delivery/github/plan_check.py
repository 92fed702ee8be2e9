"""The check that plan.yml sets on a pull request's head commit; a commit status, because its runs are not checks."""

CHECK = "plan"
