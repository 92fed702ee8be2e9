"""Preview environments: which pull request has which slot, and how a slot is deployed, put to sleep and emptied."""
