"""The local cloud's Go programs, built once into the cache. Standard library only: it runs before any package is here."""
