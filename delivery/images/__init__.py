"""The applications' images: what the registry holds, what runs, and how the settings that name them are edited."""
