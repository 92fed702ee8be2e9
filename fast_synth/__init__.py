"""Loads, of the prebuilt CDKTF providers, only the resources that a project imports.

Call `fast_synth.install(FOLDER)` before the first import of CDKTF. Nothing else has to know of it: without the call the
same JSON is synthesized, slower. README.md says more.
"""

from fast_synth.packages.provider_finder import install

__all__ = ["install"]
