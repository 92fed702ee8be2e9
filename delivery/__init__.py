"""What is done with an environment from outside: deployed, verified, reviewed."""
