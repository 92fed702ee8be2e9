"""Loads, of the prebuilt CDKTF providers, only the resources that a project imports.

`fast_synth.install(FOLDER)` before the first import of CDKTF is all there is to it; nothing else knows about it, and
without it the same JSON is synthesized, slower. docs/bindings.md explains why and how.
"""

from fast_synth.packages.provider_finder import install

__all__ = ["install"]
