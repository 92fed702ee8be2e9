"""The check of a pull request's head commit that plan.yml keeps: a commit status, as no run of that file is a check."""

CHECK = "plan"
