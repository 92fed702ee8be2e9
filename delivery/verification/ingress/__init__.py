"""Checks what the AWS Load Balancer Controller and external-dns made of an environment's ingresses."""
