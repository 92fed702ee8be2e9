"""What exists is made ready for its adoption: what Terraform itself cannot do."""
