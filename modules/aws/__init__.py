"""AWS constructs, one logical entity a file."""
