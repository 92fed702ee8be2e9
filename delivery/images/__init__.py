"""The applications' images: those in the registry, those that run, and edits of the settings that name them."""
