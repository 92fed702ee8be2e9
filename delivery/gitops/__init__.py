"""The GitOps repository's files, and the application's Helm chart."""
