"""How images come into settings by pull requests: a build's into staging, and what runs there verified into production."""
