"""What the local account holds before any environment is deployed."""
