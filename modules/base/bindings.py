"""Loads only those resources of the prebuilt providers that constructs import. Import it before anything of CDKTF.

Without it the same JSON is synthesized, but slower (docs/bindings.md).
"""

from pathlib import Path

import fast_synth

fast_synth.install(Path(__file__).resolve().parents[1], cache_name="mosaic-platform")
