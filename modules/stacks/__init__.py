"""What is deployed as a whole: an environment, and what the account needs before any."""
