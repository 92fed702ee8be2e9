"""Who calls the local AWS, and what they may do: decided as AWS decides."""
