"""Runs cdktf and Terraform as processes; nothing else starts them."""
