"""What the AWS Load Balancer Controller and external-dns have made of an environment's ingresses."""
