"""Where Terraform's providers come from on this machine."""
