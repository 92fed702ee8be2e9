"""The local cloud's Go programs, built once into the cache. Standard library only: no package is installed yet."""
