"""How an environment is built: reusable constructs, one logical entity a file."""
