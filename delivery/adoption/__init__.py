"""Prepares existing resources for adoption: the parts that Terraform itself cannot do."""
