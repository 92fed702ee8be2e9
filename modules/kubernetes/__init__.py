"""Kubernetes objects, one kind or one logical entity a file."""
