"""Creates what the local account holds before any environment is deployed."""
