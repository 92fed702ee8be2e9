"""Loads only those resources of the prebuilt CDKTF providers that a project imports.

Call `fast_synth.install(FOLDER)` before the first import of CDKTF. Nothing else needs to change: without the call the
same JSON is synthesized, but slower. README.md explains more.
"""

from fast_synth.packages.provider_finder import install

__all__ = ["install"]
