"""Loads, of the prebuilt CDKTF providers, only the resources that this project imports.

Importing this package is all there is to it (`import modules.bindings`, before the first import of a resource); nothing
else knows about it, and without it the same JSON is synthesized, slower. docs/bindings.md explains why and how.
"""

from modules.bindings.provider_finder import install

__all__ = ["install"]

install()
