"""EKS's IAM authentication: the program that tells the API server who holds a token, and how it starts."""
